/** Where in a worker's `stdio` its lines of log come out; before it are Node's three and the channel. */
export const logDescriptor = 4;
