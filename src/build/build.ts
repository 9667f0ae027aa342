// Builds bin/yunque for this machine. build.sh starts it with the project's own Node.
import { execFile } from 'node:child_process';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundle } from './bundle.ts';
import { makeExecutable } from './executable.ts';
import { createProgress } from './progress.ts';
import { checkLibraries, prepareRuntime } from './runtime.ts';
import { targetOfThisMachine } from './targets.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const startedAt = performance.now();

const { values } = parseArgs({ options: { entry: { type: 'string' }, output: { type: 'string' } } });
const entry = resolve(values.entry ?? join(root, 'src/main.ts'));
const output = resolve(values.output ?? join(root, 'bin/yunque'));
const target = targetOfThisMachine();
const workDir = join(root, 'bin/cache', target.name);
const main = join(workDir, 'yunque.mjs');
const runtime = join(workDir, 'runtime');
const progress = createProgress(4);

await mkdir(workDir, { recursive: true });
const version = await readVersion();
const bundleBytes = await progress.step('bundle the program', async () =>
  bundle({ entry, outfile: main, version, commit: await readCommit() }),
);
progress.note(`${inMegabytes(bundleBytes)} of JavaScript`);

const changes = await progress.step(`prepare Node ${process.versions.node} for ${target.name}`, () =>
  prepareRuntime(target, root, runtime),
);
if (target.platform === 'linux' && !changes.isStripped)
  progress.note('no strip here: the binary keeps its symbols (30 MB)');

const made = await progress.step('make the executable', () =>
  makeExecutable({ target, main, runtime, nodeVersion: process.versions.node, output, workDir }),
);
if (made.pkgError !== undefined) progress.note(`pkg failed, so ${made.madeBy} made it. pkg said: ${made.pkgError}`);

await progress.step('try it', async () => {
  await checkLibraries(target, output);
  const { stdout } = await run(output, ['--version'], { env: {} });
  if (!stdout.includes(version)) throw new Error(`the binary says it is ${JSON.stringify(stdout)}, not ${version}`);
});

const { size } = await stat(output);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
process.stdout.write(`${relative(process.cwd(), output)}  ${inMegabytes(size)}  ${target.name}  ${seconds} s\n`);

async function readVersion(): Promise<string> {
  const manifest: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return manifest.version;
}

/** The commit the files are at; `-dirty` where tracked files differ from it; `unknown` outside a git clone. */
async function readCommit(): Promise<string> {
  try {
    const { stdout } = await run('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], {
      cwd: root,
    });
    return stdout.trim();
  } catch {
    return 'unknown';
  }
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
