import { totalmem } from 'node:os';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** Parts of what there is, 0 to 1. */
export interface Load {
  readonly heap: number;
  readonly heapLeftBytes: number;
  readonly memory: number;
}

/** Below this a heap counts as one of this size of which as little is left: one push to all takes some MiB, however small the heap is. */
const leastHeapBytes = 96 * 1024 * 1024;

/** Three semi-spaces of 32 MiB: the most that V8 keeps for young objects. */
const mostYoungBytes = 96 * 1024 * 1024;

/**
 * What the old generation may grow to, which is where a process ends for want of memory. V8 tells only its sum with the young one: with
 * `--max-old-space-size=64` that is 160 MiB, of which 64 can be filled. Measured with Node 26: of `--max-heap-size` five sixths and more are the old one's.
 */
export function oldGenerationLimit(heapLimitBytes: number, flags: readonly string[]): number {
  const given = flags
    .join(' ')
    .match(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)
    ?.at(-1);
  if (given !== undefined) return Number(/\d+$/.exec(given)?.[0]) * 1024 * 1024;
  return Math.max((heapLimitBytes / 6) * 5, heapLimitBytes - mostYoungBytes);
}

/** `memoryBytes`: what the node may use; unset, nine tenths of what its container allows, and no limit without one. */
export function createMeasure(memoryBytes: number | undefined): () => Load {
  const limit = memoryBytes ?? containerBytes();
  const { heap_size_limit } = getHeapStatistics();
  const { execArgv, env } = process;
  const oldLimit = oldGenerationLimit(heap_size_limit, [env['NODE_OPTIONS'] ?? '', ...execArgv]);
  return () => {
    const heapLeftBytes = Math.max(0, oldLimit - oldBytes());
    return {
      heap: 1 - heapLeftBytes / Math.max(oldLimit, leastHeapBytes),
      heapLeftBytes,
      memory: limit === undefined ? 0 : process.memoryUsage.rss() / limit,
    };
  };
}

function oldBytes(): number {
  let bytes = 0;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (!space_name.startsWith('new_')) bytes += space_used_size;
  }
  return bytes;
}

/** Nine tenths of what this container allows; undefined where there is none. */
export function containerBytes(): number | undefined {
  const allowed = process.constrainedMemory();
  return allowed > 0 && allowed < totalmem() ? allowed * 0.9 : undefined;
}
