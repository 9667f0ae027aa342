import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** As in the lock file: `sha512-` and the hash in base64. */
  readonly integrity: string;
}

/** What a lock file says of a package at the top level. Throws where it has no version or no SHA-512 for it. */
export async function readLockedPackage(lockFile: string, name: string): Promise<LockedPackage> {
  const lock: { packages?: Record<string, { version?: string; integrity?: string }> } = JSON.parse(
    await readFile(lockFile, 'utf8'),
  );
  const entry = lock.packages?.[`node_modules/${name}`];
  if (entry?.version === undefined) throw new Error(`${lockFile} has no package ${name}`);
  if (!entry.integrity?.startsWith('sha512-')) {
    throw new Error(`${lockFile} has no sha512 integrity for ${name}: nothing to check a download against`);
  }
  return { name, version: entry.version, integrity: entry.integrity };
}

/**
 * The path of the package's archive in `cache`, fetched with `npm pack` where it is not there yet. Checked against the lock
 * file's hash each time; one that differs is deleted, and the promise rejects.
 */
export async function fetchLockedPackage(wanted: LockedPackage, cache: string): Promise<string> {
  const archive = join(cache, `${wanted.name}-${wanted.version}.tgz`);
  if ((await integrityOf(archive)) === wanted.integrity) return archive;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetch-'));
  try {
    const fetched = await pack(wanted, folder);
    const found = await integrityOf(fetched);
    if (found !== wanted.integrity) throw new Error(mismatch(wanted, found));
    await rename(fetched, archive);
    return archive;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack({ name, version }: LockedPackage, folder: string): Promise<string> {
  const args = ['pack', '--json', '--pack-destination', folder, `${name}@${version}`];
  try {
    // In the empty folder, so that npm does not take the name for a workspace of this project.
    const { stdout } = await run('npm', args, { cwd: folder });
    const [{ filename }]: [{ filename: string }] = JSON.parse(stdout);
    return join(folder, filename);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message?: string };
    throw new Error(`npm pack ${name}@${version} failed; is the registry within reach?\n${stderr || message}`);
  }
}

async function integrityOf(file: string): Promise<string | undefined> {
  try {
    return `sha512-${createHash('sha512')
      .update(await readFile(file))
      .digest('base64')}`;
  } catch {
    return undefined;
  }
}

function mismatch({ name, version, integrity }: LockedPackage, found: string | undefined): string {
  return [
    `the registry gave another ${name}@${version} than package-lock.json promises; it is not used.`,
    `  expected ${integrity}`,
    `  received ${found ?? 'no file'}`,
    'Ask another registry (npm config get registry shows which one is asked), or find out who changed the package.',
  ].join('\n');
}
