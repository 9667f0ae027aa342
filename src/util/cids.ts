import { randomInt } from 'node:crypto';

const counts = 2 ** 32;
const leases = 2 ** 20;

/** A lease that none of `taken` is: at random, so that it tells nothing and differs from run to run. */
export function newLease(taken: ReadonlySet<number> = new Set()): number {
  for (;;) {
    const lease = randomInt(1, leases);
    if (!taken.has(lease)) return lease;
  }
}

/**
 * Connection ids: 20 bits of the node's lease above 32 bits of count. Below 2^53, and not given again after a restart, which
 * takes another lease, so that a backend that kept one never reaches somebody else's connection.
 */
export function createCids(lease = newLease()): () => number {
  let count = 0;
  return () => {
    count = (count + 1) % counts;
    return lease * counts + count;
  };
}

/** The lease in a cid as text; undefined for what is none. */
export function leaseOf(ref: string): number | undefined {
  return /^[1-9]\d{0,15}$/.test(ref) ? Math.floor(Number(ref) / counts) : undefined;
}
