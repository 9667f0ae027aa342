import { constants } from 'node:os';
import type { Command } from 'commander';
import { exitCodes } from '../api/errors.ts';
import type { AdminClient, AdminClientOptions } from '../client/admin-client.ts';
import type { OutputStream } from '../telemetry/log-output.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import type { RuntimeEnv } from '../util/runtime-paths.ts';
import { CliError } from './cli-error.ts';
import type { WholeProgram } from './command-tree.ts';
import type { OutputFormat } from './output/formats.ts';
import type { Printer } from './output/printer.ts';
import { chooseLanguage } from './text/choose.ts';
import type { Texts } from './text/en.ts';

/** A stream of the process, or of a test. */
export interface CliOutput extends OutputStream {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  readonly columns?: number | undefined;
  /** It has been given more than its reader has taken. */
  readonly writableNeedDrain?: boolean | undefined;
}

export interface CliIo {
  readonly env: RuntimeEnv;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  /** Calls back on Ctrl-C, or on each of `signals`, until disposed of; the process' signal, or a test's. */
  readonly onInterrupt: (listener: (signal: NodeJS.Signals) => void, signals?: readonly NodeJS.Signals[]) => Disposable;
  /** From now on the end of the program neither waits for standard output nor minds that it failed. */
  readonly abandonOutput: () => void;
}

/** The global options, after parsing. */
export interface GlobalOptions {
  readonly server?: string;
  readonly context?: string;
  readonly system?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly output?: OutputFormat;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** What a command works with. Made before parsing; the options are read when they are asked for. */
export interface CliContext extends CliIo {
  /** The command line, without the program's name. */
  readonly args: readonly string[];
  readonly text: Texts;
  readonly language: 'en' | 'zh';
  readonly globals: GlobalOptions;
  /** Set by a command whose result is no plain success. */
  exitCode: number;
  /** Set where standard output takes no result: that it ends, ends nothing. */
  isOutputSpare: boolean;
  /** The node, found as the global options say; one for the whole run. Rejects with `ClientError`. */
  client(options?: ClientOptions): Promise<AdminClient>;
  /** Ends with Ctrl-C, or when standard output takes nothing more. */
  interruptSignal(): AbortSignal;
  /** As `interruptSignal`, and with SIGTERM and SIGHUP too: for a command that has something to take away. Asked for first of the two. */
  endingSignal(): AbortSignal;
  /** Of a command that a signal has ended: 130 after Ctrl-C, else as shells count signals. */
  readonly interruptedExit: number;
  /** `fallback` is used where neither -o nor --json was given. */
  printer(fallback?: OutputFormat): Promise<Printer>;
  /** A note for people, one line on standard error; silent with -q. May hold text from elsewhere. */
  note(text: string): void;
  /** Standard input to its end. Only one part of a command may ask. */
  readStdin(): Promise<string>;
  /** Standard output takes nothing more. */
  readonly isOutputClosed: boolean;
  /** Every command, not only the one that is used. */
  readonly loadAllCommands: () => Promise<WholeProgram>;
  /** Of the commands that are there, as `addExamples` was told. */
  readonly examples: Map<Command, readonly string[]>;
}

/** Counts for the first call of a command: all share one client. */
export type ClientOptions = Pick<AdminClientOptions, 'role'>;

export interface ContextOptions {
  readonly args: readonly string[];
  readonly io: CliIo;
  readonly text: Texts;
  readonly program: Command;
  readonly loadAllCommands: () => Promise<WholeProgram>;
}

/** A context, and what ends it. */
export function createContext(options: ContextOptions): CliContext & Disposable {
  const { io, text, program } = options;
  const aborter = new AbortController();
  const cleanups: Disposable[] = [];
  let client: Promise<AdminClient> | undefined;
  let isListening = false;
  let interruptedExit: number = exitCodes.interrupted;
  let isStdinTaken = false;
  let isOutputClosed = false;

  io.stdout.on('error', () => {
    // `| head` has read enough, or the disk is full: nothing more to do. What is to be said of it `main` says. A terminal
    // that goes away ends the command as Ctrl-C does.
    if (context.isOutputSpare) return;
    isOutputClosed = io.stdout.isTTY !== true;
    aborter.abort();
  });

  const listen = (signals: readonly NodeJS.Signals[]) => {
    const onSignal = (signal: NodeJS.Signals) => {
      interruptedExit = 128 + (constants.signals[signal] ?? constants.signals.SIGINT);
      aborter.abort();
    };
    if (!isListening) cleanups.push(io.onInterrupt(onSignal, signals));
    isListening = true;
    return aborter.signal;
  };
  const context: CliContext & Disposable = {
    args: options.args,
    env: io.env,
    stdout: io.stdout,
    stderr: io.stderr,
    onInterrupt: io.onInterrupt,
    abandonOutput: io.abandonOutput,
    text,
    language: chooseLanguage(options.args, io.env),
    loadAllCommands: options.loadAllCommands,
    examples: new Map(),
    // Opened only where it is read.
    get stdin() {
      return io.stdin;
    },
    exitCode: exitCodes.done,
    isOutputSpare: false,
    get globals() {
      return program.opts<GlobalOptions>();
    },
    get isOutputClosed() {
      return isOutputClosed;
    },
    client: (asked = {}) => (client ??= openClient(context, cleanups, asked)),
    interruptSignal: () => listen(['SIGINT']),
    endingSignal: () => listen(['SIGINT', 'SIGTERM', 'SIGHUP']),
    get interruptedExit() {
      return interruptedExit;
    },
    async printer(fallback = 'table') {
      const { json, output, color } = context.globals;
      const { createPrinter } = await import('./output/printer.ts');
      const isTerminal = io.stdout.isTTY === true;
      return createPrinter({
        format: json === true ? 'json' : (output ?? fallback),
        width: isTerminal ? io.stdout.columns || 80 : undefined,
        color: color && isTerminal && !io.env['NO_COLOR'],
        write: (chunk) => {
          if (!isOutputClosed) io.stdout.write(chunk);
        },
        onHidden: (columns) => context.note(text.line.hiddenColumns(columns)),
      });
    },
    note(line) {
      if (context.globals.quiet !== true) io.stderr.write(`${sanitizeLine(line)}\n`);
    },
    async readStdin() {
      if (isStdinTaken) throw new CliError(text.line.oneStdin);
      isStdinTaken = true;
      const chunks: Buffer[] = [];
      for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
    [Symbol.dispose]() {
      for (const cleanup of cleanups) cleanup[Symbol.dispose]();
    },
  };
  return context;
}

async function openClient(context: CliContext, cleanups: Disposable[], asked: ClientOptions): Promise<AdminClient> {
  const [{ locateServer }, { readCa }, { createAdminClient }] = await Promise.all([
    import('../client/locate.ts'),
    import('../client/ca-file.ts'),
    import('../client/admin-client.ts'),
  ]);
  const { server, keyFile, caFile, timeout, verbose, dryRun } = context.globals;
  const located = await locateServer({ server, keyFile, env: context.env, readStdin: () => context.readStdin() });
  const ca = await readCa({ caFile, env: context.env });
  const client = createAdminClient({
    ...located,
    ...asked,
    ca,
    timeoutMs: timeout,
    signal: context.interruptSignal(),
    readOnly: dryRun,
  });
  cleanups.push(client);
  if (verbose === true) context.note(context.text.line.usingServer(client.where));
  return client;
}
