/** Exists from the start and cannot be removed. */
export const defaultSystem = 'default';

/** Where the node's own probe connects; nobody else can name it. */
export const probeSystem = '$probe';
