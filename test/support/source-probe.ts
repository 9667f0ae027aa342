import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { QueueRecord, Source, TakeBatch } from '../../src/ingress/queue/source.ts';
import type { Scope } from './services/scope.ts';

export interface SourceProbe {
  readonly source: Source;
  /** Bodies as text, in the order they were taken. */
  readonly taken: string[];
  readonly records: QueueRecord[];
  /** Lengths of the batches. */
  readonly batches: number[];
  readonly states: string[];
  readonly figure: (name: string) => number;
}

/** A source that has started, and closes with the scope. What begins with `poison` is poison; `before` may hold up or reject. */
export function startSource(
  scope: Scope,
  source: Source,
  before: (batch: readonly QueueRecord[]) => Promise<void> | void = () => {},
): SourceProbe {
  const probe = {
    source,
    taken: [] as string[],
    records: [] as QueueRecord[],
    batches: [] as number[],
    states: [] as string[],
    figure: (name: string) => source.status.figures[name] ?? Number.NaN,
  };
  const take: TakeBatch = async (batch) => {
    await before(batch);
    probe.batches.push(batch.length);
    probe.records.push(...batch);
    probe.taken.push(...batch.map(({ body }) => body.toString()));
    return batch.map(({ body, defect }) => {
      if (defect !== undefined) return { is: 'poison', reason: defect };
      return body.toString('latin1').startsWith('poison') ? { is: 'poison', reason: 'not a push' } : { is: 'done' };
    });
  };
  source.onState(() => probe.states.push(source.status.state));
  scope.after(() => source.close());
  source.start(take);
  return probe;
}

export interface SourceChild {
  readonly taken: string[];
  readonly states: string[];
  readonly process: ChildProcess;
  /** `kill -9`, and resolves when all it had written was read. */
  kill(): Promise<void>;
}

/** A reader in a process of its own, which writes down what it takes. */
export function startSourceChild(
  scope: Scope,
  kind: 'rabbitmq' | 'kafka' | 'stream',
  options: Readonly<Record<string, unknown>>,
): SourceChild {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'source-child.ts'), kind, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const taken: string[] = [];
  const lines = createInterface(child.stdout);
  const states: string[] = [];
  lines.on('line', (line) => {
    if (line.startsWith('state ')) states.push(line.slice('state '.length));
    else taken.push(line);
  });
  const gone = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  scope.after(kill);
  return { taken, states, process: child, kill };
}

export function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, at) => String(from + at));
}

/** What was asked for, and never came. */
export function missing(wanted: readonly string[], ...taken: readonly (readonly string[])[]): string[] {
  const all = new Set(taken.flat());
  return wanted.filter((one) => !all.has(one));
}
