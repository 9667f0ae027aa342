import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { obtainRuntime } from '../../src/build/runtime.ts';
import { type Target, targetFileName, targets } from '../../src/build/targets.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const binary = join(root, 'bin', process.platform === 'win32' ? 'yunque.exe' : 'yunque');
const sources = ['src', 'package.json', 'package-lock.json', 'build.sh'];

/**
 * The path of a `bin/yunque` that is not older than its sources. Builds it where it is missing or older; test files
 * that run at the same time in other processes wait for that one build.
 */
export async function ensureBinary(): Promise<string> {
  if (await isFresh([binary])) return binary;
  using _lock = await takeBuildLock();
  if (!(await isFresh([binary]))) await run(process.execPath, [join(root, 'src/build/build.ts')], { cwd: root });
  return binary;
}

/** The folder with a binary for every target, none older than its sources, and their checksums; built where they are not. */
export async function ensureTargetBinaries(): Promise<string> {
  const folder = join(root, 'bin');
  const files = [...targets.map(targetFileName), 'SHA256SUMS'].map((name) => join(folder, name));
  if (await isFresh(files)) return folder;
  using _lock = await takeBuildLock();
  if (!(await isFresh(files))) await run('bash', [join(root, 'build.sh'), 'all'], { cwd: root });
  return folder;
}

/** A target's Node as it comes from npm. */
export async function readOriginalRuntime(target: Target): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-runtime-'));
  try {
    const destination = join(folder, 'node');
    const cache = join(root, 'bin/cache/runtimes');
    await obtainRuntime({ target, root, nodeVersion: process.versions.node, cache, destination });
    return await readFile(destination);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function isFresh(files: readonly string[]): Promise<boolean> {
  const built = await Promise.all(files.map(modifiedMs));
  const newest = await Promise.all(sources.map((path) => newestMs(join(root, path))));
  return Math.min(...built) >= Math.max(...newest);
}

async function newestMs(path: string): Promise<number> {
  const own = await modifiedMs(path);
  if (!(await stat(path)).isDirectory()) return own;
  const children = await readdir(path, { recursive: true, withFileTypes: true });
  const files = children.filter((child) => child.isFile());
  const times = await Promise.all(files.map((file) => modifiedMs(join(file.parentPath, file.name))));
  return Math.max(0, ...times);
}

async function modifiedMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

/** An exclusive transaction on a file is a lock between processes that ends with its process, however that ends. */
async function takeBuildLock(): Promise<DatabaseSync> {
  const folder = join(root, 'bin/cache');
  await mkdir(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'build-lock.sqlite'));
  for (;;) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return database;
    } catch (error) {
      if (!/locked/.test(String(error))) throw error;
      await delay(100);
    }
  }
}
