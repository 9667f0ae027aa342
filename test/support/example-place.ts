import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Scope } from './services/scope.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** A copy of docs/examples, without what its commands make, beside the project's .proto files as in the project. */
export async function copyExamples(scope: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-examples-'));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const examples = 'docs/examples';
  const { stdout } = await run('git', ['ls-files', '-z', '-co', '--exclude-standard', examples], { cwd: root });
  const files = stdout.split('\0').filter((path) => path !== '');
  await Promise.all(files.map((path) => cp(join(root, path), join(folder, path))));
  await mkdir(join(folder, 'src/wire'), { recursive: true });
  await symlink(join(root, 'src/wire/proto'), join(folder, 'src/wire/proto'));
  return join(folder, examples);
}

/**
 * The environment that the commands run in: the addresses, this Node before any other, and for PHP the classes of its extension for
 * Kafka where it does not have that.
 */
export async function exampleEnvironment(
  examples: string,
  addresses: Readonly<Record<string, string>>,
): Promise<NodeJS.ProcessEnv> {
  const settings = join(examples, '..', 'php-settings');
  await mkdir(settings, { recursive: true });
  const stub = join(root, 'test/support/php/rdkafka.php');
  await writeFile(join(settings, 'rdkafka.ini'), `auto_prepend_file=${stub}\n`);
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  // Go compiles its standard library and the clients in two thirds of the time where nothing is optimised.
  const go = { GOFLAGS: `'-gcflags=all=-N -l'`, CGO_ENABLED: '0' };
  return { ...process.env, ...go, PATH: path, PHP_INI_SCAN_DIR: `:${settings}`, no_proxy: '127.0.0.1', ...addresses };
}

/** Behind all others on this machine, since compilers run. Rejects with all that the commands said. */
export async function runCommands(
  commands: string,
  options: { cwd: string; env: NodeJS.ProcessEnv; timeout: number },
): Promise<string> {
  const { stdout } = await run('nice', ['sh', '-ec', commands], { ...options, maxBuffer: 16 * 1024 * 1024 }).catch(
    (error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`${commands}\n${error.stdout}${error.stderr}`, { cause: error });
    },
  );
  return stdout;
}
