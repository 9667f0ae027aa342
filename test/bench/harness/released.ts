import type { Bench } from './row.ts';

/** Work whose servers are started by somebody else and pinned by nobody: all cores for all. */
export async function released<T>({ pinning }: Bench, work: () => Promise<T>): Promise<T> {
  pinning.releaseLoad();
  try {
    return await work();
  } finally {
    pinning.pinLoad();
  }
}
