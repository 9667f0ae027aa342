import type { Dialect } from './dialect.ts';

/** What a node has too little of: while one is named, it takes no newcomers. */
export const sheddingReasons = ['heap', 'memory', 'descriptors'] as const;
export type Shedding = (typeof sheddingReasons)[number];

/** Totals since the node started unless said otherwise. The same numbers are in `/metrics`, `stats`, `top` and the admin API. */
export interface NodeStats {
  readonly node: string;
  readonly version: string;
  readonly pid: number;
  readonly state: 'starting' | 'serving' | 'draining';
  /** While it drains. */
  readonly drain?: DrainStats;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly uptimeSeconds: number;
  /** Where clients reach it, e.g. `http://127.0.0.1:666`. */
  readonly addresses: readonly string[];
  /** Where other nodes reach it, `10.1.0.5:1666`; absent: it has no others. */
  readonly rpcAddress?: string;
  /** Now. */
  readonly connections: number;
  readonly connectionsByDialect: Readonly<Record<Dialect, number>>;
  readonly connectionsBySystem: Readonly<Record<string, number>>;
  /** Not bound yet: connected, or waiting until its token is checked; in no other count. */
  readonly pending: number;
  readonly users: number;
  readonly groups: number;
  readonly systems: number;
  readonly messagesIn: Readonly<Record<string, number>>;
  readonly messagesInTotal: number;
  readonly deliveries: Readonly<Record<string, number>>;
  readonly deliveriesTotal: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly droppedTotal: number;
  /** By close code. */
  readonly disconnects: Readonly<Record<string, number>>;
  /** By error code of the error table. */
  readonly refused: Readonly<Record<string, number>>;
  readonly ignoredFrames: number;
  readonly outboxBytes: number;
  readonly slowClients: number;
  /** Lines of log that could not be written: a full disk, or an output that nobody reads. By destination. */
  readonly lostLogLines: Readonly<Record<string, number>>;
  /** Times the process stood still for a second or more. */
  readonly pauses: { readonly count: number; readonly seconds: number };
  /** Over the last 10 seconds or so. */
  readonly eventLoopLagMs: { readonly mean: number; readonly p99: number; readonly max: number };
  readonly durations: Durations;
  /** Bytes. `heapLimit`: what the JavaScript heap may grow to. */
  readonly memory: {
    readonly rss: number;
    readonly heapUsed: number;
    readonly heapTotal: number;
    readonly heapLimit: number;
  };
  /** Seconds of CPU, user and system. */
  readonly cpuSeconds: number;
  /** How long the last probe took to come back; absent before the first and after a failure. */
  readonly probeMs?: number;
  /** Empty as long as there is enough of everything. */
  readonly shedding: readonly Shedding[];
  /** In a cluster. */
  readonly cluster?: ClusterFigures;
  /** Of queues that this node reads; absent: it reads none. */
  readonly doors?: readonly DoorFigures[];
  /** Where requests of clients and connection events go; absent: nowhere. */
  readonly sinks?: readonly SinkFigures[];
  /** Since the node started. */
  readonly marks: MarkFigures;
  readonly health: Health;
}

/** How long something took, counted by size since the node started. The difference of two is that of the time between. */
export interface DurationFigures {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  /** Of each bound those that are above the one before; one more, the last: those above all. */
  readonly counts: readonly number[];
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
}

/** `flush`: handing out and writing what a turn of the loop had collected; `fanout`: from a batch's first message until all its members had it. */
export interface Durations {
  readonly flush: DurationFigures;
  readonly fanout: DurationFigures;
}

/** What could not be told from what was there before as well as it should. */
export interface MarkFigures {
  /** Times that records of queues were forgotten before their five minutes were over, as there were too many. */
  readonly seen_shortened: number;
  /** Times that Redis could not be asked, or told, which records were handed on. */
  readonly seen_failed: number;
  /** Connection events numbered by this machine's clock. */
  readonly sequences_local: number;
  /** Pushes with an idempotency key of which the other nodes do not know. */
  readonly idempotency_alone: number;
}

/** One queue door of this node. Counts since it started. */
export interface DoorFigures {
  readonly name: string;
  readonly kind: 'channel' | 'stream' | 'kafka' | 'rabbitmq';
  readonly state: 'connecting' | 'reading' | 'standby' | 'failing' | 'closed';
  readonly failure?: string;
  /** Records that wait at the source; absent: unknown, or nothing waits there. */
  readonly lag?: number;
  readonly records: number;
  /** Messages in them. */
  readonly messages: number;
  /** Messages a second, over the last 10 seconds. */
  readonly perSecond: number;
  readonly batches: number;
  /** Records that had been handed on before. */
  readonly duplicates: number;
  /** Records that could not be used and are in the dead letters. */
  readonly parked: number;
  /** Batches that had to wait and come again. */
  readonly retries: number;
  /** What the source counts, by name. */
  readonly figures: Readonly<Record<string, number>>;
}

/** One way out. Counts since the node started. */
export interface SinkFigures {
  readonly name: string;
  readonly use: 'uplink' | 'events';
  readonly kind: 'http' | 'channel' | 'stream' | 'kafka' | 'rabbitmq';
  readonly state: 'connecting' | 'ready' | 'failing' | 'closed';
  readonly failure?: string;
  readonly sent: number;
  readonly failed: number;
  /** What nobody could wait for any longer. */
  readonly dropped: number;
  /** Waiting now. */
  readonly waiting: number;
}

/** A node's part in its cluster. */
export interface ClusterFigures {
  /** Tells this start of the node from earlier ones. */
  readonly incarnation: number;
  /** Nodes that it is linked with. */
  readonly links: readonly string[];
  /** Nodes that are alive, this one included. */
  readonly members: number;
  /** Nodes whose lease ended without a word, since this one started. */
  readonly died: number;
  readonly redis: { readonly up: boolean; readonly failure?: string };
  readonly bus: {
    readonly engine: string;
    readonly up: boolean;
    readonly failure?: string;
    /** How long the last beat round the engine was under way. */
    readonly beatMs?: number;
    /** What the engine and the stream of broadcasts counted, by name; `unconfirmed` and `lag` are of now. */
    readonly figures: Readonly<Record<string, number>>;
  };
}

/** Of the clients that were connected when the node began to drain, those that still are. */
export interface DrainStats {
  readonly clients: number;
  readonly left: number;
  /** An operator asked for it: the node stays, without clients, until it is resumed or stopped. Absent: it stops. */
  readonly isStaying?: true;
}

export interface Health {
  readonly verdict: 'ok' | 'degraded' | 'critical';
  /** Empty when ok. */
  readonly reasons: readonly string[];
}

/** One answer for the whole cluster. `time` is milliseconds since the epoch. */
export interface ClusterStats {
  readonly schema: 'yunque.stats/1';
  readonly time: number;
  readonly nodes: readonly NodeStats[];
  /** Counted once over all nodes that answered, where their sum would count some of them several times. */
  readonly totals: { readonly users: number; readonly groups: number };
  readonly missingNodes: readonly string[];
  readonly health: Health;
}
