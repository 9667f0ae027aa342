import { execFile } from 'node:child_process';
import { access, constants, copyFile, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { neededLibraries, parseElf } from './elf.ts';
import { dropLibatomic } from './elf-libatomic.ts';
import type { Target } from './targets.ts';

const run = promisify(execFile);

/** What was done to the runtime, for the person building. */
export interface RuntimeChanges {
  readonly isStripped: boolean;
  readonly isFreeOfLibatomic: boolean;
}

/**
 * Copies the target's Node to `destination` and makes it fit to carry the program: without symbols where `strip` can
 * do it (30 MB less), and on Linux without the need for libatomic.
 */
export async function prepareRuntime(target: Target, root: string, destination: string): Promise<RuntimeChanges> {
  await copyFile(join(root, 'node_modules', target.runtimePackage, target.runtimeFile), destination);
  if (target.platform !== 'linux') return { isStripped: false, isFreeOfLibatomic: false };
  const isStripped = await stripSymbols(destination);
  const bytes = await readFile(destination);
  const isFreeOfLibatomic = dropLibatomic(bytes);
  await writeFile(destination, bytes, { mode: 0o755 });
  return { isStripped, isFreeOfLibatomic };
}

/** Throws where a finished Linux binary still asks for libatomic. */
export async function checkLibraries(target: Target, file: string): Promise<void> {
  if (target.platform !== 'linux') return;
  const needed = neededLibraries(parseElf(await readFile(file)));
  if (needed.includes('libatomic.so.1')) throw new Error(`${file} still needs libatomic.so.1`);
}

/** Answers false where there is no `strip`, or none for this kind of file: the binary is larger then, and as good. */
async function stripSymbols(file: string): Promise<boolean> {
  if (!(await isOnPath('strip'))) return false;
  try {
    await run('strip', [file]);
    return true;
  } catch {
    return false;
  }
}

async function isOnPath(command: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      await access(join(folder, command), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
    }
  }
  return false;
}
