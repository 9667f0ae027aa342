/** Whether a message is among the share that is copied: the same answer on every node. `share` above 0, at most 1. */
export function isSampled(messageId: string, share: number): boolean {
  return share >= 1 || hashOf(messageId) < share * 2 ** 32;
}

/** FNV-1a, and the finish of MurmurHash3, which spreads its last characters over all bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
