import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { targetFileName, targets } from './targets.ts';

/**
 * Writes `SHA256SUMS` for every target's file in `folder`, in the form that `sha256sum -c` reads, and answers its path.
 * Files of an earlier build are in it too, as they are now.
 */
export async function writeChecksums(folder: string): Promise<string> {
  const present = new Set(await readdir(folder));
  const names = targets.map(targetFileName).filter((name) => present.has(name));
  const lines = await Promise.all(names.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`));
  const output = join(folder, 'SHA256SUMS');
  await writeFile(`${output}.unfinished`, lines.join(''));
  await rename(`${output}.unfinished`, output);
  return output;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
