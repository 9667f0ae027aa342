import { randomFillSync } from 'node:crypto';

/** Makes message ids: 16 lower-case hex characters from 64 random bits, drawn 512 at a time. */
export function createMessageIds(): () => string {
  const pool = Buffer.allocUnsafe(8 * 512);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const id = pool.toString('hex', used, used + 8);
    used += 8;
    return id;
  };
}
