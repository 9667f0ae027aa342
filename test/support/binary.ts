import { execFile } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const binary = join(root, 'bin', process.platform === 'win32' ? 'yunque.exe' : 'yunque');
const sources = ['src', 'package.json', 'package-lock.json'];

/**
 * The path of a `bin/yunque` that is not older than its sources. Builds it where it is missing or older; test files
 * that run at the same time in other processes wait for that one build.
 */
export async function ensureBinary(): Promise<string> {
  if (await isFresh()) return binary;
  using _lock = await takeBuildLock();
  if (!(await isFresh())) await run(process.execPath, [join(root, 'src/build/build.ts')], { cwd: root });
  return binary;
}

async function isFresh(): Promise<boolean> {
  const built = await modifiedMs(binary);
  const newest = await Promise.all(sources.map((path) => newestMs(join(root, path))));
  return built >= Math.max(...newest);
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
