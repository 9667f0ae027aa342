// Builds bin/yunque for this machine, or a file for each target named. build.sh starts it with the project's own Node.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundle } from './bundle.ts';
import { writeChecksums } from './checksums.ts';
import { makeExecutable } from './executable.ts';
import { createProgress, type Progress } from './progress.ts';
import { checkLibraries, prepareRuntime } from './runtime.ts';
import { chooseTargets, isThisMachine, type Target, targetFileName, targetOfThisMachine } from './targets.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'bin/cache');
const nodeVersion = process.versions.node;
const STEPS_EACH = 3;
/** A build holds its runtime in memory several times over, about 1 GB. */
const MOST_AT_A_TIME = 4;

const { values, positionals } = parseArgs({
  options: { entry: { type: 'string' }, output: { type: 'string' }, folder: { type: 'string' } },
  allowPositionals: true,
});
const entry = resolve(values.entry ?? join(root, 'src/main.ts'));
const folder = resolve(values.folder ?? join(root, 'bin'));

interface Job {
  readonly target: Target;
  readonly output: string;
  /** Shown before each step; empty where there is one target only. */
  readonly label: string;
}

interface Built {
  readonly target: Target;
  readonly output: string;
  readonly wasTried: boolean;
}

try {
  if (positionals.length === 0) {
    const target = targetOfThisMachine();
    const name = target.platform === 'win32' ? 'yunque.exe' : 'yunque';
    await build([{ target, output: resolve(values.output ?? join(folder, name)), label: '' }]);
  } else {
    const chosen = chooseTargets(positionals);
    const jobs = chosen.map((target) => ({
      target,
      output: join(folder, targetFileName(target)),
      label: `${target.name}: `,
    }));
    // The checksums are of what lies there, so they are due after a failure too.
    await build(jobs).finally(async () => {
      process.stdout.write(`${relative(process.cwd(), await writeChecksums(folder))}\n`);
    });
  }
} catch (error) {
  // esbuild has printed what is wrong with the program already.
  if (!isEsbuildFailure(error)) console.error(error);
  process.exitCode = 1;
}

/** Builds them all, a few at a time; where some fail, the others are finished before it rejects. */
async function build(jobs: readonly Job[]): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgress(1 + jobs.length * STEPS_EACH);
  await mkdir(cache, { recursive: true });
  const workDir = await mkdtemp(join(cache, 'work-'));
  try {
    const [version, commit] = await Promise.all([readVersion(), readCommit()]);
    const main = join(workDir, 'yunque.mjs');
    const bytes = await progress.step('bundle the program', () => bundle({ entry, outfile: main, version, commit }));
    progress.note(`${inMegabytes(bytes)} of JavaScript, version ${version}, commit ${commit}`);

    const built: Built[] = [];
    const failures: unknown[] = [];
    const waiting = jobs.values();
    const work = async () => {
      // One iterator for all workers: each takes the next job that nobody has.
      for (const job of waiting) {
        try {
          built.push(await buildOne(job, { main, version, workDir, progress }));
        } catch (error) {
          failures.push(new Error(`${job.target.name} was not built`, { cause: error }));
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(MOST_AT_A_TIME, availableParallelism()) }, work));
    for (const result of built) await printBuilt(result);
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    progress.note(`done in ${seconds} s`);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

interface Shared {
  readonly main: string;
  readonly version: string;
  readonly workDir: string;
  readonly progress: Progress;
}

async function buildOne({ target, output, label }: Job, shared: Shared): Promise<Built> {
  const { main, version, progress } = shared;
  const workDir = join(shared.workDir, target.name);
  const runtime = join(workDir, 'runtime');
  await mkdir(workDir);
  await mkdir(dirname(output), { recursive: true });

  const changes = await progress.step(`${label}prepare Node ${nodeVersion}`, () =>
    prepareRuntime({ target, root, nodeVersion, cache: join(cache, 'runtimes'), destination: runtime }),
  );
  if (target.platform === 'linux' && !changes.isStripped) {
    progress.note(`${label}no strip here for this kind of file: the binary keeps its symbols, 30 MB`);
  }

  const made = await progress.step(`${label}make the executable`, () =>
    makeExecutable({ target, main, runtime, nodeVersion, output, workDir }),
  );
  if (made.pkgError !== undefined) {
    progress.note(`${label}pkg failed, so ${made.madeBy} made it. pkg said: ${made.pkgError}`);
  }

  const wasTried = isThisMachine(target);
  await progress.step(`${label}${wasTried ? 'try it' : 'check it'}`, async () => {
    await checkLibraries(target, output);
    if (wasTried) await tryBinary(output, version);
  });
  await rm(workDir, { recursive: true });
  return { target, output, wasTried };
}

async function printBuilt({ target, output, wasTried }: Built): Promise<void> {
  const { size } = await stat(output);
  const remark = wasTried ? '' : '  not started here';
  process.stdout.write(`${relative(process.cwd(), output)}  ${inMegabytes(size)}  ${target.name}${remark}\n`);
}

async function tryBinary(file: string, version: string): Promise<void> {
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
