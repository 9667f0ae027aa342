import type { SentStreams } from './stream-verifier.ts';

/** One client of a thread. */
export interface ClientPlan {
  /** Path and query of the WebSocket request. */
  readonly path: string;
  /** Frames (masked) it says first. */
  readonly hello?: Uint8Array | undefined;
  /** Whose messages it must see; -1: nobody's. */
  readonly target: number;
  readonly localAddress?: string | undefined;
}

/** How the clients' language tells what they wait for; all texts are Latin-1. */
export interface WireProfile {
  /** Is in the first frame that makes a client ready; absent: it is ready with the upgrade. */
  readonly ready?: string | undefined;
  /** What begins right behind `ready` and ends with a quotation mark is the client's id. */
  readonly readsId?: boolean | undefined;
  /** How a heartbeat that is no WebSocket ping begins, and the answer to it: a masked frame. */
  readonly ping?: { readonly prefix: string; readonly pong: Uint8Array } | undefined;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Absent: no TLS is spoken. `ca`: PEM. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
}

export interface Pace {
  /** At the same time. */
  readonly concurrency: number;
  /** Connections a second, from their intended time; absent: as fast as they are let in. */
  readonly perSecond?: number | undefined;
}

export interface ThreadWork {
  readonly endpoint: Endpoint;
  readonly clients: readonly ClientPlan[];
  readonly wire: WireProfile;
  readonly pace: Pace;
  readonly magic: string;
  readonly lanes: number;
  /** On the clock of `createClock`; the marks count from it. */
  readonly epochMs: number;
  readonly timeoutMs: number;
  /** Of `counterNames`, of the latencies, and of the times to connect. */
  readonly counters: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly connects: SharedArrayBuffer;
}

/**
 * What a thread counts where others can see it, each a double. Times are of `createClock`: when the last message came, when the first client
 * started to connect, when the last one was ready.
 */
export const counterNames = [
  'ready',
  'failed',
  'refused',
  'closed',
  'received',
  'duplicated',
  'outOfOrder',
  'misdelivered',
  'otherFrames',
  'bytes',
  'lastMs',
  'sampled',
  'startMs',
  'readyMs',
] as const;
export type CounterName = (typeof counterNames)[number];

export type ToThread = { readonly type: 'judge'; readonly sent: SentStreams } | { readonly type: 'close' };

export type FromThread =
  /** Every client is ready, or will not be. `failures`: reasons and how often. */
  | {
      readonly type: 'opened';
      readonly ids: readonly string[];
      /** 1 for who is. */
      readonly isReady: Uint8Array;
      readonly failures: ReadonlyMap<string, number>;
    }
  | { readonly type: 'judged'; readonly lost: number; readonly closes: ReadonlyMap<number, number> }
  | { readonly type: 'closed' };
