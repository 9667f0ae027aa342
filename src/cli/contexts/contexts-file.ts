import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../../api/errors.ts';
import { makeDirectory } from '../../util/make-directory.ts';
import { configDirectory, type RuntimeEnv } from '../../util/runtime-paths.ts';
import { CliError } from '../cli-error.ts';
import { type Contexts, formatContexts, noContexts, parseContexts } from './contexts.ts';

/** `$XDG_CONFIG_HOME/yunque/contexts.json`. */
export function contextsFile(env: RuntimeEnv): string {
  return join(configDirectory(env), 'contexts.json');
}

/** No file is no contexts. Rejects with `CliError` where it cannot be read (1) or used (78). */
export async function readContexts(env: RuntimeEnv): Promise<Contexts> {
  const file = contextsFile(env);
  try {
    return parseContexts(await readFile(file, 'utf8'), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return noContexts;
    throw code === undefined ? error : new CliError(`cannot read ${file} (${code})`, { exit: exitCodes.failed });
  }
}

/** How long another writer is waited for. */
const patienceMs = 5000;

/**
 * Replaces the contexts by what `change` makes of them. Nobody else writes meanwhile, and whoever reads meets either all of the old file or all of the new one, which is
 * its user's alone (0600). Rejects with `CliError`, or with what `change` throws; then nothing has changed.
 */
export async function changeContexts(env: RuntimeEnv, change: (contexts: Contexts) => Contexts): Promise<Contexts> {
  const file = contextsFile(env);
  try {
    makeDirectory(dirname(file));
    const lock = await lockOf(`${file}.lock`);
    try {
      const changed = change(await readContexts(env));
      // A file that is kept elsewhere, as dotfiles are, stays a link to there.
      await replaceFile(await realpath(file).catch(() => file), formatContexts(changed));
      return changed;
    } finally {
      lock.release();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof CliError || code === undefined) throw error;
    throw new CliError(`cannot write ${file} (${code})`, { exit: exitCodes.failed });
  }
}

async function lockOf(path: string): Promise<{ release(): void }> {
  const { takeLock } = await import('../../store/exclusive-lock.ts');
  // SQLite makes a file by the umask.
  await (await open(path, 'a', 0o600)).close();
  for (const deadline = performance.now() + patienceMs; ; await sleep(5)) {
    const lock = takeLock(path);
    if (lock !== undefined) return lock;
    if (performance.now() > deadline)
      throw new CliError(`another yunque command has held ${path} for ${patienceMs / 1000} s`, {
        exit: exitCodes.failed,
      });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(unfinished, 0o600);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
