/**
 * Versions of all that nodes say to each other: frames of the RPC, envelopes, notes.
 * 1: between workers of one binary only. 2: a hello names a range of versions; proofs are good for one host and, under TLS, one pair of
 * certificates; messages travel in the bytes of their dialect; broadcasts. A new field, note or question needs no new version, as long as
 * those who do not know it lose nothing by passing over it. A build that speaks 3 writes to each peer in the version the two have agreed on
 * (`PeerNode.version`), and to all at once in the lowest of them.
 */
export interface WireVersions {
  readonly lowest: number;
  readonly highest: number;
}

/** Of this build. A rolling upgrade needs every build to speak the version before its own; between machines 2 is the first. */
export const wireVersions: WireVersions = { lowest: 2, highest: 2 };

/** The highest version that both speak. */
export function commonVersion(a: WireVersions, b: WireVersions): number | undefined {
  const version = Math.min(a.highest, b.highest);
  return version >= Math.max(a.lowest, b.lowest) ? version : undefined;
}

export function spellVersions({ lowest, highest }: WireVersions): string {
  return lowest === highest ? String(lowest) : `${lowest} to ${highest}`;
}
