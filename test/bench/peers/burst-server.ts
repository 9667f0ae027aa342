import { setTimeout as delay } from 'node:timers/promises';
import { markText } from '../../../src/load/marker.ts';
import { createProfiler } from './profiler.ts';

const lookMs = 50;

/** What the bench asks of a server in a process of its own. */
export type Question =
  | { readonly ask: 'usage' }
  /** After a collection of garbage, where `--expose-gc` allows one. */
  | { readonly ask: 'memory' }
  /** Not answered. */
  | ({ readonly ask: 'burst' } & Burst)
  /** These clients are the members. */
  | { readonly ask: 'join'; readonly ids: readonly string[] }
  /** Answered when it knows so many servers, itself among them. */
  | { readonly ask: 'meet'; readonly servers: number }
  /** As much to each of these as makes `bytes` of it wait in the server; answered when it does, or where nothing more helps. */
  | { readonly ask: 'fill'; readonly ids: readonly string[]; readonly bytes: number }
  | { readonly ask: 'startProfile' }
  | { readonly ask: 'stopProfile' };

/** Messages to all members, in one turn of the event loop, with marks of `src/load/marker.ts` that are numbered from `first`. */
export interface Burst {
  readonly first: number;
  readonly count: number;
  /** Of a message's text. */
  readonly bytes: number;
  readonly magic: string;
  /** When it was meant to be sent. */
  readonly timeMicros: number;
}

export interface ServerUsage {
  readonly cpuMs: number;
}

export interface ServerMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Buffers: what waits for clients is there. */
  readonly externalBytes: number;
}

export interface BurstServer {
  readonly port: number;
  /** To all members; called `count` times in one turn. */
  send(text: string): void;
  join?(ids: readonly string[]): Promise<void>;
  /** How many servers it knows, itself among them. */
  servers?(): Promise<number>;
  fill?(ids: readonly string[], bytes: number): Promise<Filled>;
}

export interface Filled {
  /** Of the clients, those that are still connected, and what waits for them. */
  readonly connected: number;
  readonly waitingBytes: number;
}

/** The server's side of the bench: says its port, then does what it is asked. */
export function serveBursts({ port, send, join, servers, fill }: BurstServer): void {
  const profiler = createProfiler();
  const answer = async (question: Question): Promise<unknown> => {
    switch (question.ask) {
      case 'usage':
        return usage();
      case 'memory':
        return memory();
      case 'join':
        await join?.(question.ids);
        return {};
      case 'meet':
        while ((await servers?.()) !== question.servers) await delay(lookMs);
        return {};
      case 'fill':
        return fill?.(question.ids, question.bytes);
      case 'startProfile':
        await profiler.start();
        return {};
      case 'stopProfile':
        return profiler.stop();
      case 'burst':
        sendBurst(question, send);
        return undefined;
      default:
        return question satisfies never;
    }
  };
  process.on('message', async (question: Question) => {
    const said = await answer(question);
    if (said !== undefined) process.send?.(said);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}

function sendBurst({ first, count, bytes, magic, timeMicros }: Burst, send: (text: string) => void): void {
  for (let sequence = first; sequence < first + count; sequence += 1) {
    send(markText(magic, { target: 0, lane: 0, sequence, timeMicros }).padEnd(bytes, 'x'));
  }
}

function usage(): ServerUsage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000 };
}

function memory(): ServerMemory {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external };
}
