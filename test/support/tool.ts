import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The path of a program that tests need, installed from its Debian package where it is missing and we may. Rejects with
 * what to install otherwise, so that no test is ever skipped for want of a tool.
 */
export async function requireTool(program: string, debianPackage: string): Promise<string> {
  const found = await findOnPath(program);
  if (found !== undefined) return found;
  const failure = await installDebianPackages(debianPackage);
  const installed = await findOnPath(program);
  if (installed !== undefined) return installed;
  const reason = failure === undefined ? '' : ` (${failure})`;
  throw new Error(`this test needs ${program}: install it, on Debian with "apt-get install ${debianPackage}"${reason}`);
}

/** Makes sure that a file is there, such as a library for another machine; installs or rejects as `requireTool` does. */
export async function requireFile(path: string, debianPackage: string): Promise<void> {
  const isThere = () =>
    access(path).then(
      () => true,
      () => false,
    );
  if (await isThere()) return;
  const failure = await installDebianPackages(debianPackage);
  if (await isThere()) return;
  throw new Error(
    `this test needs ${path}: install it, on Debian with "apt-get install ${debianPackage}" (${failure ?? 'installed, but it is not there'})`,
  );
}

/** The path of a program, or undefined. */
export async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, program);
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}

/** What went wrong, or undefined. `names`: with spaces between. One at a time on this machine: test files run side by side. */
export async function installDebianPackages(names: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'installing it needs root';
  const install = `apt-get install -y --no-install-recommends ${names}`;
  const script = `${install} || { apt-get update && ${install}; }`;
  try {
    await run('flock', [join(tmpdir(), 'yunque-test-apt.lock'), 'sh', '-c', script], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 300_000,
      maxBuffer: 16 * 1024 * 1024,
    });
    return undefined;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return (stderr.trim().split('\n').at(-1) ?? '') || message;
  }
}
