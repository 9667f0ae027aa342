// Builds bin/yunque for this machine. build.sh starts it with the project's own Node.
import { execFile } from 'node:child_process';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundle } from './bundle.ts';
import { makeExecutable } from './executable.ts';
import { createProgress } from './progress.ts';
import { checkLibraries, prepareRuntime } from './runtime.ts';
import { type Target, targetOfThisMachine } from './targets.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const nodeVersion = process.versions.node;

const { values } = parseArgs({ options: { entry: { type: 'string' }, output: { type: 'string' } } });
const entry = resolve(values.entry ?? join(root, 'src/main.ts'));

try {
  const target = targetOfThisMachine();
  await buildFor(target, resolve(values.output ?? join(root, 'bin', fileName(target))));
} catch (error) {
  // esbuild has printed what is wrong with the program already.
  if (!isEsbuildFailure(error)) console.error(error);
  process.exitCode = 1;
}

async function buildFor(target: Target, output: string): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgress(4);
  const workDir = join(root, 'bin/cache', target.name);
  const main = join(workDir, 'yunque.mjs');
  const runtime = join(workDir, 'runtime');
  await mkdir(workDir, { recursive: true });
  const [version, commit] = await Promise.all([readVersion(), readCommit()]);

  const bytes = await progress.step('bundle the program', () => bundle({ entry, outfile: main, version, commit }));
  progress.note(`${inMegabytes(bytes)} of JavaScript, version ${version}, commit ${commit}`);

  const changes = await progress.step(`prepare Node ${nodeVersion}`, () => prepareRuntime(target, root, runtime));
  if (target.platform === 'linux' && !changes.isStripped) {
    progress.note('no strip here: the binary keeps its symbols, 30 MB');
  }

  const made = await progress.step('make the executable', () =>
    makeExecutable({ target, main, runtime, nodeVersion, output, workDir }),
  );
  if (made.pkgError !== undefined) progress.note(`pkg failed, so ${made.madeBy} made it. pkg said: ${made.pkgError}`);

  await progress.step('try it', () => tryBinary(target, output, version));
  const { size } = await stat(output);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${relative(process.cwd(), output)}  ${inMegabytes(size)}  ${target.name}  ${seconds} s\n`);
}

function fileName({ platform }: Target): string {
  return platform === 'win32' ? 'yunque.exe' : 'yunque';
}

async function tryBinary(target: Target, file: string, version: string): Promise<void> {
  await checkLibraries(target, file);
  const { stdout } = await run(file, ['--version'], { env: {} });
  if (!stdout.includes(version)) throw new Error(`the binary says it is ${JSON.stringify(stdout)}, not ${version}`);
}

async function readVersion(): Promise<string> {
  const manifest: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return manifest.version;
}

/** The commit the files are at; `-dirty` where tracked files differ from it; `unknown` outside a git clone. */
async function readCommit(): Promise<string> {
  try {
    const describe = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
    return (await run('git', describe, { cwd: root })).stdout.trim();
  } catch {
    return 'unknown';
  }
}

function isEsbuildFailure(error: unknown): boolean {
  return error instanceof Error && 'errors' in error && 'warnings' in error;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
