import { PassThrough } from 'node:stream';
import { type CommandNode, commandTree } from '../../../src/cli/command-tree.ts';
import { createWholeProgram, runCli } from '../../../src/cli/program.ts';
import { loadTexts } from '../../../src/cli/text/choose.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Text of standard input; absent: it stays open and empty. */
  readonly stdin?: string;
  /** Makes all three a terminal this wide. */
  readonly terminal?: number;
  /** Standard input is a pipe even so. */
  readonly isInputPiped?: boolean;
}

export interface Running {
  readonly done: Promise<Ran>;
  readonly stdin: PassThrough;
  interrupt(): void;
  /** Standard output's reader goes away. */
  breakPipe(): void;
  out(): string;
  err(): string;
}

/** The command line in this process, with streams of its own and without the environment of the test's. */
export function startCli(args: readonly string[], options: RunOptions = {}): Running {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: options.terminal !== undefined && options.isInputPiped !== true,
  });
  if (options.stdin !== undefined) stdin.end(options.stdin);
  const stdout = sink(options.terminal);
  const stderr = sink(options.terminal);
  let onInterrupt: (signal: NodeJS.Signals) => void = () => {};
  const done = runCli(args, {
    env: { XDG_STATE_HOME: '/nonexistent', HOME: '/nonexistent', LANG: 'C', ...options.env },
    stdin,
    stdout,
    stderr,
    abandonOutput: () => {},
    onInterrupt(listener) {
      onInterrupt = listener;
      return {
        [Symbol.dispose]() {
          onInterrupt = () => {};
        },
      };
    },
  }).then((exit) => ({ exit, out: stdout.text(), err: stderr.text() }));
  return {
    done,
    stdin,
    interrupt: () => onInterrupt('SIGINT'),
    breakPipe: () => stdout.fail(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    out: stdout.text,
    err: stderr.text,
  };
}

export async function cli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await startCli(args, options).done;
}

function sink(width: number | undefined) {
  let text = '';
  let onError: (error: NodeJS.ErrnoException) => void = () => {};
  return {
    isTTY: width !== undefined,
    columns: width,
    write(chunk: string) {
      text += chunk;
      return true;
    },
    on(_event: 'error', listener: (error: NodeJS.ErrnoException) => void) {
      onError = listener;
    },
    fail: (error: NodeJS.ErrnoException) => onError(error),
    text: () => text,
  };
}

/** Resolves as soon as `isTrue` is. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Every command there is, with its words in one language. */
export async function wholeTree(language: 'en' | 'zh' = 'en'): Promise<CommandNode> {
  const [stdout, stderr] = [sink(undefined), sink(undefined)];
  const onInterrupt = () => ({ [Symbol.dispose]() {} });
  const io = { env: {}, stdin: new PassThrough(), stdout, stderr, onInterrupt, abandonOutput: () => {} };
  return commandTree(await createWholeProgram(io, await loadTexts(language)));
}
