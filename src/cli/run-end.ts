import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One run of a node: a process id alone comes again. */
export interface Run {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface RunEnd {
  readonly exit: number;
  /** Where `exit` is not 0. */
  readonly why?: string | undefined;
}

/** Leaves word in the data directory for whoever waits for the end of this run. A disk that takes nothing more holds up no end. */
export function leaveRunEnd(dataDirectory: string, run: Run, end: RunEnd): void {
  try {
    writeFileSync(fileIn(dataDirectory), `${JSON.stringify({ ...run, ...end })}\n`, { mode: 0o600 });
  } catch {
    // It is in the log.
  }
}

/** How a run has ended, once its process is gone. Undefined: nothing here tells, as with a node of another machine. */
export function readRunEnd(dataDirectory: string, run: Run): RunEnd | undefined {
  const left = read(fileIn(dataDirectory), (text) => JSON.parse(text) as Run & RunEnd);
  if (left?.pid === run.pid && left.startedAt === run.startedAt) return left;
  if (holdsDirectory(dataDirectory, run.pid)) return { exit: 1, why: 'its process was killed or crashed' };
  return undefined;
}

/** Whether the process has the data directory, or had it to its end: who leaves in order takes its number with it. */
export function holdsDirectory(dataDirectory: string, pid: number): boolean {
  return read(join(dataDirectory, 'pid'), Number) === pid;
}

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'last-end.json');
}

/** Undefined where it is missing, another user's or broken. */
function read<T>(file: string, parse: (text: string) => T): T | undefined {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
