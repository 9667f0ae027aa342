/** The byte before the body of every frame of the CIM family, and `type` in its JSON mode. */
export const frameTypes = { pong: 0, ping: 1, message: 2, sent: 3, reply: 4 } as const;
