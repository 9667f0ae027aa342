import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Base, BaseOptions } from '@platformatic/kafka';
import { atMost } from '../util/at-most.ts';
import { type BackOffOptions, backOffMs } from '../util/back-off.ts';
import { within } from '../util/within.ts';
import { type Backend, type BackendListener, type BackendState, BackendStatus } from './backend.ts';
import { boundDecompression } from './kafka-compression.ts';

export const kafkaMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export interface KafkaSasl {
  readonly mechanism: (typeof kafkaMechanisms)[number];
  readonly username: string;
  readonly password: string;
}

/** PEM. An empty object: TLS with the authorities that Node knows. */
export interface KafkaTls {
  readonly ca?: Buffer | string | undefined;
  readonly cert?: Buffer | string | undefined;
  readonly key?: Buffer | string | undefined;
}

export interface KafkaOptions {
  /** `host:port` of one or more, from which the others are learnt. */
  readonly brokers: readonly string[];
  /** What Kafka's own logs and quotas call this client. */
  readonly clientId: string;
  readonly sasl?: KafkaSasl | undefined;
  /** Undefined: no TLS. */
  readonly tls?: KafkaTls | undefined;
  /** Default 2000; also for TCP, TLS and the handshake together. */
  readonly requestTimeoutMs?: number;
  /** Default 200 to 2000 ms. */
  readonly backOff?: BackOffOptions;
  /** What must be there before anything else, such as a topic. */
  setup(admin: Admin): Promise<void>;
}

/** Has as many copies as the broker's default says. */
export interface KafkaTopic {
  readonly name: string;
  /** Absent: the broker's default. */
  readonly partitions?: number;
  /** Absent: all as the broker's defaults say. */
  readonly keeps?: {
    /** How long a record is kept. */
    readonly retentionMs: number;
    readonly maxRecordBytes: number;
  };
}

const defaultBackOff = { firstMs: 200, mostMs: 2000 };
const goodbyeMs = 1000;

/**
 * Whether Kafka can be had. The clients of the library connect when they are used and again when they lost their connection, and
 * look names up each time; here it is asked until it answers, at the start and whenever one of them came to grief (`suspect`).
 */
export class KafkaLink implements Backend {
  readonly #options: KafkaOptions;
  readonly #status = new BackendStatus();
  readonly #ending = new AbortController();
  readonly #run: Promise<void>;
  #admin: Admin | undefined;
  /** Resolves the wait for something to be wrong. */
  #wake: ((reason: string) => void) | undefined;

  /** Begins to connect and does not wait for it. */
  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#run = this.#watch();
  }

  get state(): BackendState {
    return this.#status.state;
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  get attempts(): number {
    return this.#status.attempts;
  }

  onState(listener: BackendListener): () => void {
    return this.#status.onState(listener);
  }

  /** Resolves with the outcome of the first attempt. */
  settled(): Promise<BackendState> {
    return this.#status.settled();
  }

  /** Something did not work: it is `failing` until Kafka has answered again. */
  suspect(error: unknown): void {
    if (this.#wake === undefined) return;
    this.#wake(kafkaReason(error));
    this.#wake = undefined;
  }

  async close(): Promise<void> {
    this.#status.close();
    this.#ending.abort();
    this.#wake?.('');
    const admin = this.#admin;
    await within(goodbyeMs, Promise.all([this.#run, admin?.close()])).catch(() => {});
    // What a broker that hangs was asked would be waited for.
    if (admin !== undefined) destroySockets(admin);
    await this.#run;
  }

  async #watch(): Promise<void> {
    const { Admin } = await loadKafka();
    this.#admin = guardClient(new Admin(clientOptions(this.#options)));
    for (let failures = 0; this.#status.state !== 'closed'; ) {
      this.#status.attempt();
      try {
        await this.#options.setup(this.#admin);
      } catch (error) {
        this.#status.fail(kafkaReason(error));
        await this.#pause(failures);
        failures += 1;
        continue;
      }
      if (this.#ending.signal.aborted) return;
      failures = 0;
      const suspected = new Promise<string>((resolve) => {
        this.#wake = resolve;
      });
      this.#status.ready();
      this.#status.fail(await suspected);
      await this.#pause(0);
    }
  }

  async #pause(failures: number): Promise<void> {
    const ms = backOffMs(Math.min(failures, 16), this.#options.backOff ?? defaultBackOff);
    await pause(ms, undefined, { signal: this.#ending.signal }).catch(() => {});
  }
}

/** Loaded by those who talk to Kafka, and by nobody else. */
export async function loadKafka(): Promise<typeof import('@platformatic/kafka')> {
  const library = await import('@platformatic/kafka');
  boundDecompression(library.compressionsAlgorithms);
  return library;
}

/** What every client of the library is made with. Nothing is tried again in it: those who use it do, with growing pauses. */
export function clientOptions(options: Omit<KafkaOptions, 'setup'>): BaseOptions {
  const { brokers, clientId, sasl, tls, requestTimeoutMs = 2000 } = options;
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retries: 0,
    retryDelay: 100,
    metadataMaxAge: 30_000,
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
    ...(tls === undefined
      ? {}
      : {
          tls: { ca: tls.ca, cert: tls.cert, key: tls.key },
          tlsServerName: brokers.every((broker) => !isAddress(broker)),
        }),
  };
}

function isAddress(broker: string): boolean {
  const host = broker.slice(0, broker.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  return isIP(host) !== 0;
}

/**
 * To be called with every client of the library. A connection that fails tells so twice at times (a server that closes while it is
 * being logged in to), and only the first has a listener: the second would end the process.
 */
export function guardClient<C extends Base>(client: C): C {
  client.connections.on('connecting', ({ connection }) => connection.on('error', () => {}));
  return client;
}

type Ending = Pick<Base, 'connections'> & { close(force: boolean): Promise<void> };

/** Ends clients of the library within a second: what a broker that hangs was asked, leaving a group too, would be waited for. */
export async function endClients(clients: readonly Ending[]): Promise<void> {
  await atMost(goodbyeMs, Promise.all(clients.map((client) => client.close(true).catch(() => {}))));
  for (const client of clients) destroySockets(client);
}

function destroySockets({ connections }: Pick<Base, 'connections'>): void {
  for (const [, { socket }] of connections) socket?.destroy();
}

/** Creates it where it is missing; one that is there is left as it is. Resolves once it has a leader. */
export async function ensureTopic(admin: Admin, { name, partitions = -1, keeps }: KafkaTopic): Promise<void> {
  if (await hasTopic(admin, name)) return;
  try {
    await admin.createTopics({ topics: [name], partitions, replicas: -1, configs: configsOf(keeps) });
  } catch (error) {
    // Another node was faster.
    if (!(await isKafkaError(error, 'apiId', 'TOPIC_ALREADY_EXISTS'))) throw error;
  }
  const deadline = performance.now() + 5000;
  while (!(await hasTopic(admin, name))) {
    if (performance.now() > deadline) throw new Error(`topic ${name} was created and has no leader`);
    await pause(50);
  }
}

function configsOf(keeps: KafkaTopic['keeps']) {
  if (keeps === undefined) return [];
  const { retentionMs, maxRecordBytes } = keeps;
  const configs = {
    'retention.ms': retentionMs,
    // Only segments that are no longer written to are deleted.
    'segment.ms': Math.ceil(retentionMs / 2),
    'max.message.bytes': maxRecordBytes,
    // How old a record is is judged by one clock.
    'message.timestamp.type': 'LogAppendTime',
  };
  return Object.entries(configs).map(([name, value]) => ({ name, value: String(value) }));
}

async function hasTopic(admin: Admin, name: string): Promise<boolean> {
  try {
    const metadata = await admin.metadata({ topics: [name], forceUpdate: true });
    return (metadata.topics.get(name)?.partitions[0]?.leader ?? -1) >= 0;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Unknown topic')) return false;
    if (await isKafkaError(error, 'hasStaleMetadata', true)) return false;
    throw error;
  }
}

/** Whether something among all that the library wrapped has this property. */
export async function isKafkaError(error: unknown, property: string, value: unknown): Promise<boolean> {
  const { findErrorBy } = await loadKafka();
  return error instanceof Error && findErrorBy(error, property, value) != null;
}

/** The library wraps what happened several times over: its innermost words. */
export function kafkaReason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return kafkaReason(error.errors.at(-1));
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message || error.name : kafkaReason(error.cause);
}
