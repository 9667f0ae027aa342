import { execFile } from 'node:child_process';
import { access, chmod, constants, copyFile, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { neededLibraries, parseElf } from './elf.ts';
import { dropLibatomic } from './elf-libatomic.ts';
import { fetchLockedPackage, readLockedPackage } from './locked-package.ts';
import { removeAuthenticode } from './pe.ts';
import { isThisMachine, type Target } from './targets.ts';

const run = promisify(execFile);

export interface RuntimeOptions {
  readonly target: Target;
  /** The project's folder, which has `package-lock.json` and `node_modules`. */
  readonly root: string;
  /** The version the runtime must have, such as `26.10.0`: a bundle is prepared for one version. */
  readonly nodeVersion: string;
  /** Where archives of other machines' runtimes are kept. */
  readonly cache: string;
  readonly destination: string;
}

/** What was done to the runtime, for the person building. */
export interface RuntimeChanges {
  readonly isStripped: boolean;
  readonly isFreeOfLibatomic: boolean;
}

/**
 * Puts the target's Node at `destination` and makes it fit to carry the program: on Linux without symbols where a
 * `strip` can do it (30 MB less) and without the need for libatomic, on Windows without Node's own signature, which would
 * be broken by what follows.
 */
export async function prepareRuntime(options: RuntimeOptions): Promise<RuntimeChanges> {
  const { target, destination } = options;
  await obtainRuntime(options);
  if (target.platform === 'win32') {
    await writeFile(destination, removeAuthenticode(await readFile(destination)));
  }
  if (target.platform !== 'linux') return { isStripped: false, isFreeOfLibatomic: false };
  const isStripped = await stripSymbols(target, destination);
  const bytes = await readFile(destination);
  const isFreeOfLibatomic = dropLibatomic(bytes);
  await writeFile(destination, bytes);
  return { isStripped, isFreeOfLibatomic };
}

/** This machine's runtime was installed, and checked, by `npm ci`; those of others come from their locked packages. */
export async function obtainRuntime({ target, root, nodeVersion, cache, destination }: RuntimeOptions): Promise<void> {
  if (isThisMachine(target)) {
    await copyFile(join(root, 'node_modules', target.runtimePackage, target.runtimeFile), destination);
    return;
  }
  const locked = await readLockedPackage(join(root, 'package-lock.json'), target.runtimePackage);
  if (locked.version !== nodeVersion) {
    throw new Error(`${locked.name} is locked at ${locked.version}, the Node of this build is ${nodeVersion}`);
  }
  const archive = await fetchLockedPackage(locked, cache);
  await run('sh', ['-c', 'exec tar -xzOf "$0" "$1" >"$2"', archive, `package/${target.runtimeFile}`, destination]);
  await chmod(destination, 0o755);
}

/** Throws where a finished Linux binary still asks for libatomic. */
export async function checkLibraries(target: Target, file: string): Promise<void> {
  if (target.platform !== 'linux') return;
  const needed = neededLibraries(parseElf(await readFile(file)));
  if (needed.includes('libatomic.so.1')) throw new Error(`${file} still needs libatomic.so.1`);
}

/** Answers false where there is no `strip` for this kind of file: the binary is larger then, and as good. */
async function stripSymbols(target: Target, file: string): Promise<boolean> {
  const triple = target.arch === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu';
  for (const command of [...(isThisMachine(target) ? ['strip'] : []), `${triple}-strip`, 'llvm-strip']) {
    if (!(await isOnPath(command))) continue;
    try {
      await run(command, [file]);
      return true;
    } catch {
      // The next one may know this kind of file.
    }
  }
  return false;
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
