import {
  clientOptions,
  endClients,
  ensureTopic,
  guardClient,
  KafkaLink,
  type KafkaSasl,
  type KafkaTls,
  loadKafka,
} from '../../backends/kafka.ts';
import { atMost } from '../../util/at-most.ts';
import type { Bus, BusFigures } from '../bus.ts';
import { BusStatus } from '../bus-status.ts';
import { KafkaMembership } from './kafka-membership.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { KafkaSubscriber } from './kafka-subscriber.ts';

export interface KafkaBusOptions {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  readonly sasl?: KafkaSasl | undefined;
  /** Undefined: no TLS; an empty object: TLS with the authorities that Node knows. */
  readonly tls?: KafkaTls | undefined;
  /** Of the cluster; its members share it, others do not. Created where it is missing. */
  readonly topic: string;
  /** The group of this node alone, the same after a restart: what it missed meanwhile is read from where it was. */
  readonly group: string;
  /** Default 600,000; of a topic that is created here. */
  readonly retentionMs?: number;
  /** How long a node may be away and still be given what it missed. Default 60,000. */
  readonly maxCatchupMs?: number;
  /** Default 500: what was handed on since is handed on again after a crash. */
  readonly commitEveryMs?: number;
  /** What may wait to be taken. Default 16 MiB. */
  readonly maxUnconfirmedBytes?: number;
  /** After it a broadcast rejects, as it is not known what became of it. Default 2000. */
  readonly confirmWithinMs?: number;
  /** After so long without a heartbeat that Kafka answered it is warned of. Default 10,000. */
  readonly heartbeatStallMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

const closeWithinMs = 1000;
/** A broker that is new makes its topic of offsets first. */
const startWithinMs = 5000;
/** Of a topic that is created here: a push may be larger than Kafka's usual one megabyte. */
const maxRecordBytes = 16 * 1024 * 1024;
/** Kafka holds the first to join a group back for three seconds. */
const joinTimeoutMs = 10_000;
const sessionTimeoutMs = 45_000;

/**
 * One topic with one partition, which every node reads whole: each is the one member of a group of its own. What `broadcast`
 * resolved for is on all replicas that are in sync. Order is that of each sender. A node that was away reads what it missed, as
 * far as it is not too old.
 */
export class KafkaBus implements Bus {
  readonly guarantees = { delivery: 'at-least-once', ordered: true } as const;
  readonly #options: KafkaBusOptions;
  readonly #status = new BusStatus();
  #starting: Promise<Parts> | undefined;
  #parts: Parts | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.#status.onState(listener);
  }

  async start(onMessage: (bytes: Buffer) => void): Promise<void> {
    if (this.#isClosed || this.#starting !== undefined) throw new Error('the bus was started or closed before');
    this.#starting = createParts(this.#options, onMessage, () => this.#tell());
    this.#parts = await this.#starting;
    const { link, subscriber } = this.#parts;
    await subscriber.start((await link.settled()) === 'ready' ? startWithinMs : 0);
    if (!this.#isClosed) this.#parts.membership.start();
    this.#tell();
  }

  async broadcast(bytes: Buffer): Promise<void> {
    if (this.failure !== undefined || this.#parts === undefined) throw new Error(this.failure);
    return this.#parts.publisher.publish(bytes);
  }

  figures(): BusFigures {
    if (this.#parts === undefined) return {};
    const { link, publisher, subscriber, membership } = this.#parts;
    return {
      ...publisher.figures(),
      ...subscriber.figures(),
      ...membership.figures(),
      reconnects: Math.max(0, link.attempts - 1),
    };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#status.set('the bus is closed');
    const parts = await this.#starting;
    if (parts === undefined) return;
    const { link, publisher, subscriber, membership, clients } = parts;
    subscriber.stop();
    await publisher.close(closeWithinMs);
    await atMost(closeWithinMs, membership.close());
    await endClients(clients);
    await Promise.all([link.close(), subscriber.ended()]);
  }

  #tell(): void {
    if (this.#isClosed || this.#parts === undefined) return;
    const { link, subscriber } = this.#parts;
    this.#status.set(link.failure ?? subscriber.failure);
  }
}

type Parts = Awaited<ReturnType<typeof createParts>>;

async function createParts(options: KafkaBusOptions, onMessage: (bytes: Buffer) => void, onChange: () => void) {
  const { topic, group, warn, maxCatchupMs = 60_000, retentionMs = 600_000 } = options;
  const { Consumer, Producer } = await loadKafka();
  const base = { brokers: options.brokers, clientId: group, sasl: options.sasl, tls: options.tls };
  const client = clientOptions(base);
  const setup = (admin: Parameters<typeof ensureTopic>[0]) =>
    ensureTopic(admin, { name: topic, partitions: 1, keeps: { retentionMs, maxRecordBytes } });
  const link = new KafkaLink({ ...base, setup });
  link.onState(onChange);
  // The library takes fewer than two tries of an idempotent producer for no limit at all.
  const producer = guardClient(new Producer({ ...client, idempotent: true, retries: 2 }));
  const publisher = new KafkaPublisher({
    producer,
    topic,
    maxUnconfirmedBytes: options.maxUnconfirmedBytes ?? 16 * 1024 * 1024,
    confirmWithinMs: options.confirmWithinMs ?? 2000,
    onFailure: (error) => link.suspect(error),
  });
  const member = guardClient(
    new Consumer({
      ...client,
      groupId: group,
      groupInstanceId: group,
      requestTimeout: joinTimeoutMs,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      heartbeatInterval: 3000,
      heartbeatStallTimeout: options.heartbeatStallMs ?? 10_000,
      autocommit: false,
    }),
  );
  const reader = guardClient(new Consumer({ ...client, groupId: group, autocommit: false }));
  reader.topics.track(topic);
  const subscriber = new KafkaSubscriber({
    topic,
    reader,
    committedOffset: async () => {
      const committed = await reader.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] });
      const offset = committed.get(topic)?.[0] ?? -1n;
      return offset < 0n ? undefined : offset;
    },
    maxCatchupMs,
    onMessage,
    onChange: (error) => {
      if (error !== undefined) link.suspect(error);
      onChange();
    },
  });
  const membership = new KafkaMembership({
    topic,
    member,
    position: () => subscriber.position,
    commitEveryMs: options.commitEveryMs ?? 500,
    warn,
  });
  return { link, publisher, subscriber, membership, clients: [producer, reader, member] };
}
