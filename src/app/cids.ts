import { randomInt } from 'node:crypto';

/**
 * Connection ids: 20 random bits for this run of the node above 32 bits of count. Below 2^53, and not given again after a
 * restart, so that a backend that kept one never reaches somebody else's connection.
 */
export function createCids(run = randomInt(1, 2 ** 20)): () => number {
  let count = 0;
  return () => {
    count = (count + 1) % 2 ** 32;
    return run * 2 ** 32 + count;
  };
}
