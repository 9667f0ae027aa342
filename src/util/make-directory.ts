import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder (0700) and those above it that are missing. Throws what `mkdir` throws. Not mkdir's own `recursive`, which
 * never returns below /proc: it meets ENOENT again and again. `path` is absolute.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Two nodes that start together make the folder above their own at once.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
