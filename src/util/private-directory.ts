import { chmodSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeDirectory } from './make-directory.ts';

/**
 * Makes the folder where it is missing, and answers whether what this user puts there is safe: whoever may write to it could put
 * something else in its place. So it has to be this user's, and one that others may write to is closed to them. Throws what
 * `mkdir` and `stat` throw.
 */
export function makePrivateDirectory(directory: string): boolean {
  makeDirectory(resolve(directory));
  const uid = process.getuid?.();
  const { mode, uid: owner } = statSync(directory);
  if (uid === undefined) return true;
  if (owner !== uid) return false;
  if ((mode & 0o022) !== 0) chmodSync(directory, 0o700);
  return true;
}
