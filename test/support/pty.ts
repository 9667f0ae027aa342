import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTerminalScreen, type TerminalScreen } from './terminal-screen.ts';
import { requireTool } from './tool.ts';

export interface TerminalOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program in a real pseudo-terminal, and what its screen shows. Ends the program when it is disposed of. */
export interface Terminal extends AsyncDisposable {
  /** Every byte so far, as text. */
  readonly output: string;
  readonly screen: TerminalScreen;
  /** Of the helper that holds the terminal; the program is its only child. */
  readonly helperPid: number;
  /** Resolves with the exit code; a signal is its negative number. */
  readonly exit: Promise<number>;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  signal(name: 'SIGTERM' | 'SIGHUP' | 'SIGINT' | 'SIGUSR2'): void;
  /** Takes the terminal away, as closing its window does. */
  hangUp(): void;
  /** Waits until the screen shows it; fails with the screen after 15 seconds, or when the program ends before. */
  shows(what: RegExp | string): Promise<void>;
  /** Waits for any other condition in the same way. */
  until(what: string, isSo: () => boolean): Promise<void>;
}

const waitMs = 15_000;

export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const { columns = 80, rows = 24 } = options;
  const helper = join(import.meta.dirname, 'open-pty.py');
  const child = spawn(
    await requireTool('python3', 'python3'),
    [helper, String(columns), String(rows), options.command, ...options.args],
    {
      stdio: 'pipe',
      env: { ...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...options.env },
    },
  );
  const screen = createTerminalScreen(columns, rows);
  let output = '';
  let errors = '';
  let hasEnded = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    screen.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  // Orders to a program that has ended are lost, and nothing to fail for.
  child.stdin.on('error', () => undefined);
  const exit = new Promise<number>((resolve, reject) => {
    child.on('close', () => {
      hasEnded = true;
      const code = /exit (-?\d+)\n$/.exec(errors)?.[1];
      if (code === undefined) reject(new Error(`the pseudo-terminal failed: ${errors}`));
      else resolve(Number(code));
    });
  });
  exit.catch(() => undefined);
  const order = (what: object) => child.stdin.write(`${JSON.stringify(what)}\n`);
  const until = async (what: string, isSo: () => boolean) => {
    const deadline = performance.now() + waitMs;
    while (!isSo()) {
      if (hasEnded || performance.now() > deadline) {
        throw new Error(
          `${hasEnded ? 'the program ended' : 'the time is over'}, waiting for ${what} on:\n${screen.text}\n${errors}`,
        );
      }
      await delay(10);
    }
  };
  return {
    get output() {
      return output;
    },
    screen,
    helperPid: child.pid ?? 0,
    exit,
    type: (text) => order({ write: text }),
    resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      order({ resize: [newColumns, newRows] });
    },
    signal: (name) => order({ signal: constants.signals[name] }),
    hangUp: () => order({ hangup: true }),
    until,
    shows: (what) =>
      until(String(what), () => (typeof what === 'string' ? screen.text.includes(what) : what.test(screen.text))),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exit.catch(() => undefined);
    },
  };
}
