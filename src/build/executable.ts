import { execFile } from 'node:child_process';
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { countInjectedSegment } from './mach-o-fixups.ts';
import { signAdHoc } from './mach-o-signature.ts';
import { writePeChecksum } from './pe.ts';
import { isThisMachine, type Target } from './targets.ts';

const run = promisify(execFile);

export interface ExecutableOptions {
  readonly target: Target;
  /** The bundle, one ES module. */
  readonly main: string;
  /** The runtime to carry it, prepared for the target. */
  readonly runtime: string;
  /** The version of the runtime, such as `26.10.0`. */
  readonly nodeVersion: string;
  readonly output: string;
  /** A folder of ours to work in, with `runtime` on the same disk. */
  readonly workDir: string;
}

export interface ExecutableResult {
  readonly madeBy: 'pkg' | 'node --build-sea';
  /** Why pkg did not do it. */
  readonly pkgError?: string;
}

/** How the program starts inside the executable. */
export interface SeaConfig {
  readonly mainFormat: 'module';
  readonly disableExperimentalSEAWarning: true;
  readonly useSnapshot: false;
  readonly useCodeCache: boolean;
  readonly execArgv: readonly string[];
  readonly execArgvExtension: 'cli';
}

/** What `pkg-sea.ts` reads from its argument. */
export interface PkgRequest {
  readonly main: string;
  readonly output: string;
  readonly target: { readonly nodeRange: string; readonly platform: string; readonly arch: string };
  readonly seaConfig: SeaConfig;
}

/** The segment of a macOS executable that carries the program. */
const programSegment = 'NODE_SEA';
const signatureIdentifier = 'yunque';

/**
 * Puts bundle and runtime together into one executable, with pkg. Where pkg fails, Node's own `--build-sea` makes the
 * same file, and the result says so; not for macOS on Intel, where what it makes crashes at start (nodejs/node#65479).
 */
export async function makeExecutable(options: ExecutableOptions): Promise<ExecutableResult> {
  const unfinished = `${options.output}.unfinished`;
  await rm(unfinished, { force: true });
  const result = await makeWithEither({ ...options, output: unfinished });
  await finish(options.target, unfinished);
  await chmod(unfinished, 0o755);
  // Renamed, not overwritten: a yunque that is running keeps its file, and nobody starts half a binary.
  await rename(unfinished, options.output);
  return result;
}

async function makeWithEither(options: ExecutableOptions): Promise<ExecutableResult> {
  try {
    await makeWithPkg(options);
    return { madeBy: 'pkg' };
  } catch (error) {
    if (options.target.name === 'macos-x64') throw new Error(`pkg failed: ${errorText(error)}`);
    await makeWithNode(options);
    return { madeBy: 'node --build-sea', pkgError: errorText(error) };
  }
}

/** What the target's system asks of the file and injection leaves undone. */
async function finish({ platform }: Target, file: string): Promise<void> {
  if (platform === 'linux') return;
  const bytes = await readFile(file);
  if (platform === 'darwin') {
    await writeFile(file, signAdHoc(countInjectedSegment(bytes, programSegment), signatureIdentifier));
    return;
  }
  writePeChecksum(bytes);
  await writeFile(file, bytes);
}

/**
 * pkg's command line cannot say that the main file is a module, so its inner function is called (pkg is pinned in
 * package.json), in a process of its own: it changes the working directory, and keeps runtimes under `$HOME`.
 */
async function makeWithPkg(options: ExecutableOptions): Promise<void> {
  const { target, main, output, nodeVersion, workDir } = options;
  const home = join(workDir, 'pkg-home');
  await seedPkgCache(options, join(home, '.pkg-cache', 'sea'));
  const request: PkgRequest = {
    main,
    output,
    target: { nodeRange: `node${nodeVersion}`, platform: target.pkgPlatform, arch: target.arch },
    seaConfig: seaConfigFor(target),
  };
  const script = join(import.meta.dirname, 'pkg-sea.ts');
  await run(process.execPath, [script, JSON.stringify(request)], {
    env: { ...process.env, HOME: home, USERPROFILE: home },
  });
}

/** pkg downloads nothing that it finds here: the entry, and beside it the marks of a checked download and unpacking. */
async function seedPkgCache({ target, runtime, nodeVersion }: ExecutableOptions, cache: string): Promise<void> {
  const entry = `node-v${nodeVersion}-${target.pkgCacheOs}-${target.arch}`;
  const isWindows = target.platform === 'win32';
  const archive = join(cache, `${entry}${isWindows ? '.zip' : '.tar.gz'}`);
  const file = isWindows ? join(cache, `${entry}.exe`) : join(cache, entry, 'bin', 'node');
  await mkdir(dirname(file), { recursive: true });
  await link(runtime, file);
  for (const mark of [archive, `${archive}.ok`, `${file}.ok`]) await writeFile(mark, '');
}

async function makeWithNode({ target, main, runtime, output, workDir }: ExecutableOptions): Promise<void> {
  const configFile = join(workDir, `${basename(output)}.sea.json`);
  await writeFile(configFile, JSON.stringify({ ...seaConfigFor(target), main, output, executable: runtime }));
  await run(process.execPath, ['--build-sea', configFile]);
}

function seaConfigFor(target: Target): SeaConfig {
  return {
    mainFormat: 'module',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Elsewhere the code cache of this machine is refused, with a warning at every start.
    useCodeCache: isThisMachine(target),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // NODE_OPTIONS is the user's, for programs of theirs; it must not stop this one.
    execArgvExtension: 'cli',
  };
}

function errorText(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr || message || String(error)).trim();
}
