/**
 * Versions of all that nodes say to each other: frames of the RPC, envelopes, notes.
 * 1: the first. 2: a hello names a range of versions; proofs are good for one host and, under TLS, one pair of certificates.
 */
export interface WireVersions {
  readonly lowest: number;
  readonly highest: number;
}

/** Of this build. A rolling upgrade needs every build to speak the version before its own. */
export const wireVersions: WireVersions = { lowest: 1, highest: 2 };

/** The highest version that both speak. */
export function commonVersion(a: WireVersions, b: WireVersions): number | undefined {
  const version = Math.min(a.highest, b.highest);
  return version >= Math.max(a.lowest, b.lowest) ? version : undefined;
}

export function spellVersions({ lowest, highest }: WireVersions): string {
  return lowest === highest ? String(lowest) : `${lowest} to ${highest}`;
}
