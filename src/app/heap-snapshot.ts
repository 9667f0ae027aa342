import { rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import type { HeapSnapshotAnswer } from '../api/admin.ts';
import { YunqueError } from '../api/errors.ts';
import { formatBytes } from '../util/figures.ts';

/** A snapshot is text, and may be larger than the heap it describes. */
const fileOverHeap = 2;

export interface HeapSnapshotOptions {
  /** Where the file goes: for the node's user only. */
  readonly directory: string;
  readonly now?: () => Date;
  readonly freeBytes?: (directory: string) => Promise<number>;
  /** Answers the size of the file. */
  readonly write?: (path: string) => number;
}

/**
 * Writes a heap snapshot (V8's format, for the memory view of browser developer tools) into `directory`, 0600. The process
 * stands still while it is written. Throws `unavailable` where the disk might not hold it.
 */
export async function takeHeapSnapshot({
  directory,
  now = () => new Date(),
  freeBytes = freeBytesOf,
  write = writeSnapshot,
}: HeapSnapshotOptions): Promise<HeapSnapshotAnswer> {
  const needed = process.memoryUsage().heapUsed * fileOverHeap;
  const free = await freeBytes(directory);
  if (free < needed) {
    throw new YunqueError(
      'unavailable',
      `a heap snapshot may take ${formatBytes(needed)}, and ${directory} has ${formatBytes(free)} free`,
      { hint: 'make room there, and ask again' },
    );
  }
  const time = now().toISOString().replaceAll(/[:.]/g, '-');
  const path = join(directory, `heap-${time}-${process.pid}.heapsnapshot`);
  const started = performance.now();
  const bytes = write(path);
  return { path, bytes, ms: Math.round(performance.now() - started) };
}

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function writeSnapshot(path: string): number {
  try {
    writeHeapSnapshot(path);
    return statSync(path).size;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
