import { once } from 'node:events';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { Histogram } from './histogram.ts';
import type { SentStreams } from './stream-verifier.ts';
import {
  type ClientPlan,
  type CounterName,
  counterNames,
  type Endpoint,
  type FromThread,
  type Pace,
  type ThreadWork,
  type ToThread,
  type WireProfile,
} from './thread-protocol.ts';
import { receiverThread } from './thread-source.ts';

export interface ReceiverOptions {
  readonly endpoint: Endpoint;
  readonly clients: readonly ClientPlan[];
  readonly wire: WireProfile;
  readonly threads: number;
  readonly pace: Pace;
  /** Of `createMagic`; the same as in the messages. */
  readonly magic: string;
  /** Lanes each target is sent to by. */
  readonly lanes: number;
  readonly epochMs: number;
  /** For a connection to be ready. */
  readonly timeoutMs: number;
}

export type Counts = Readonly<Record<CounterName, number>>;

export interface Opened {
  /** By client, in the order they were given; empty where there is none. */
  readonly ids: readonly string[];
  readonly isReady: readonly boolean[];
  /** Reasons, and how often. */
  readonly failures: ReadonlyMap<string, number>;
}

/** How much of the time since the last `mark` each thread was at work, 0 to 1, and its CPU seconds. */
export interface ThreadLoad {
  readonly utilization: number;
  readonly cpuSeconds: number;
}

/** Clients on raw sockets in threads of their own, that read marks, time them, and follow every stream. */
export interface Receivers extends AsyncDisposable {
  /** Resolves when each client is ready or will not be. */
  readonly opened: Promise<Opened>;
  /** Rejects where a thread dies; never resolves. */
  readonly failed: Promise<never>;
  /** As it is now; may be asked at any time. */
  counts(): Counts;
  /** What is measured begins here: latencies and loads so far are forgotten, counts and sequences stay. */
  mark(): Promise<void>;
  latencies(): Histogram;
  connectTimes(): Histogram;
  loads(): Promise<readonly ThreadLoad[]>;
  judge(sent: SentStreams): Promise<{ readonly lost: number; readonly closes: ReadonlyMap<number, number> }>;
}

interface Thread {
  readonly worker: Worker;
  readonly work: ThreadWork;
  /** Of its clients among all. */
  readonly indexes: readonly number[];
  utilizationAt: EventLoopUtilization;
  cpuAt: number;
}

export function openReceivers(options: ReceiverOptions): Receivers {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const threads = Array.from({ length: options.threads }, (_, at) => startThread(options, at, fail));
  const ask = async <T extends FromThread['type']>({ worker }: Thread, type: T, order?: ToThread) => {
    const answer = answerOf(worker, type);
    if (order !== undefined) worker.postMessage(order);
    return await Promise.race([answer, failed]);
  };
  const merged = (part: (work: ThreadWork) => SharedArrayBuffer) => {
    const all = new Histogram();
    for (const { work } of threads) all.add(new Histogram(part(work)));
    return all;
  };

  return {
    failed,
    opened: Promise.all(threads.map((thread) => ask(thread, 'opened'))).then((answers) => {
      const ids: string[] = options.clients.map(() => '');
      const isReady: boolean[] = options.clients.map(() => false);
      const failures = new Map<string, number>();
      for (const [at, answer] of answers.entries()) {
        for (const [own, index] of (threads[at]?.indexes ?? []).entries()) {
          ids[index] = answer.ids[own] ?? '';
          isReady[index] = answer.isReady[own] === 1;
        }
        for (const [reason, count] of answer.failures) failures.set(reason, (failures.get(reason) ?? 0) + count);
      }
      return { ids, isReady, failures };
    }),
    counts: () => countsOf(threads.map(({ work }) => new Float64Array(work.counters))),
    async mark() {
      for (const thread of threads) {
        new Histogram(thread.work.latencies).clear();
        thread.utilizationAt = thread.worker.performance.eventLoopUtilization();
        thread.cpuAt = await cpuSeconds(thread.worker);
      }
    },
    latencies: () => merged(({ latencies }) => latencies),
    connectTimes: () => merged(({ connects }) => connects),
    loads: () =>
      Promise.all(
        threads.map(async ({ worker, utilizationAt, cpuAt }) => ({
          utilization: worker.performance.eventLoopUtilization(utilizationAt).utilization,
          cpuSeconds: (await cpuSeconds(worker)) - cpuAt,
        })),
      ),
    async judge(sent) {
      const verdicts = await Promise.all(threads.map((thread) => ask(thread, 'judged', { type: 'judge', sent })));
      const closes = new Map<number, number>();
      for (const verdict of verdicts)
        for (const [code, count] of verdict.closes) closes.set(code, (closes.get(code) ?? 0) + count);
      return { lost: verdicts.reduce((sum, { lost }) => sum + lost, 0), closes };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        threads.map(async (thread) => {
          const exit = once(thread.worker, 'exit');
          thread.worker.postMessage({ type: 'close' } satisfies ToThread);
          // A thread that does not end by itself has connections that nobody closes.
          const impatience = setTimeout(() => void thread.worker.terminate(), 2000);
          await exit.catch(() => {});
          clearTimeout(impatience);
        }),
      );
    },
  };
}

function startThread(options: ReceiverOptions, at: number, fail: (error: unknown) => void): Thread {
  const { threads, clients, pace, ...rest } = options;
  // Spread like cards: neighbours, which often share a target, are of different threads.
  const indexes = clients.flatMap((_, index) => (index % threads === at ? [index] : []));
  const work: ThreadWork = {
    ...rest,
    clients: indexes.flatMap((index) => clients[index] ?? []),
    pace: {
      concurrency: Math.max(1, Math.floor(pace.concurrency / threads)),
      perSecond: pace.perSecond === undefined ? undefined : pace.perSecond / threads,
    },
    counters: new SharedArrayBuffer(counterNames.length * 8),
    latencies: new SharedArrayBuffer(Histogram.bytes),
    connects: new SharedArrayBuffer(Histogram.bytes),
  };
  const source = receiverThread();
  const worker =
    'url' in source
      ? new Worker(source.url, { workerData: work })
      : new Worker(source.code, { workerData: work, eval: true });
  worker.on('error', fail);
  return { worker, work, indexes, utilizationAt: performance.eventLoopUtilization(), cpuAt: 0 };
}

function answerOf<T extends FromThread['type']>(worker: Worker, type: T): Promise<Extract<FromThread, { type: T }>> {
  return new Promise((resolve) => {
    const onMessage = (message: FromThread) => {
      if (message.type !== type) return;
      worker.off('message', onMessage);
      resolve(message as Extract<FromThread, { type: T }>);
    };
    worker.on('message', onMessage);
  });
}

async function cpuSeconds(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1e6;
}

function countsOf(parts: readonly Float64Array[]): Counts {
  const value = (name: CounterName) => {
    const each = parts.map((part) => part[counterNames.indexOf(name)] ?? 0);
    if (name === 'startMs') return Math.min(...each.filter((ms) => ms > 0));
    return name.endsWith('Ms') ? Math.max(0, ...each) : each.reduce((sum, one) => sum + one, 0);
  };
  return Object.fromEntries(counterNames.map((name) => [name, value(name)])) as Counts;
}
