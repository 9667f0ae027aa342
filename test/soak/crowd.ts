import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Tally } from './client.ts';
import type { Order, Report } from './clients.ts';

/** One process can neither read fast enough nor open enough descriptors for all. */
const clientsPerProcess = 5000;

export interface CrowdOptions {
  readonly port: number;
  readonly clients: number;
  readonly seed: number;
  readonly rampMs: number;
  readonly lifeMs: readonly [number, number];
}

export interface Crowd extends Disposable {
  calm(): void;
  leave(): void;
  report(last: number): Promise<Report>;
}

/** Clients in processes of their own, connecting from now on. */
export function startCrowd({ clients, ...shared }: CrowdOptions): Crowd {
  const count = Math.ceil(clients / clientsPerProcess);
  const children = Array.from({ length: count }, (_, n) => {
    const child = fork(join(import.meta.dirname, 'clients.ts'), { execArgv: [] });
    const [from, to] = [n, n + 1].map((edge) => Math.floor((clients * edge) / count)) as [number, number];
    tell(child, { do: 'start', from, to, ...shared });
    return child;
  });
  const tellAll = (order: Order) => {
    for (const child of children) tell(child, order);
  };
  return {
    calm: () => tellAll({ do: 'calm' }),
    leave: () => tellAll({ do: 'leave' }),
    report: async (last) => sumOf(await Promise.all(children.map((child) => ask(child, { do: 'report', last })))),
    [Symbol.dispose]: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

function tell(child: ChildProcess, order: Order): void {
  child.send(order);
}

function ask(child: ChildProcess, order: Order): Promise<Report> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a process of clients ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (report: Report) => {
      child.off('exit', onExit);
      resolve(report);
    });
    tell(child, order);
  });
}

function sumOf(reports: readonly Report[]): Report {
  const total = (of: (report: Report) => number) => reports.reduce((sum, report) => sum + of(report), 0);
  const merged = (of: (tally: Tally) => Readonly<Record<string, number>>) => {
    const counts: Record<string, number> = {};
    for (const { tally } of reports)
      for (const [name, count] of Object.entries(of(tally))) counts[name] = (counts[name] ?? 0) + count;
    return counts;
  };
  return {
    connected: total(({ connected }) => connected),
    steady: total(({ steady }) => steady),
    behind: total(({ behind }) => behind),
    tally: {
      connects: total(({ tally }) => tally.connects),
      greeted: total(({ tally }) => tally.greeted),
      heard: total(({ tally }) => tally.heard),
      gaps: total(({ tally }) => tally.gaps),
      closes: merged(({ closes }) => closes),
      unexpected: merged(({ unexpected }) => unexpected),
    },
  };
}
