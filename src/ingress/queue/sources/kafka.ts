import {
  clientOptions,
  endClients,
  ensureTopic,
  guardClient,
  KafkaLink,
  type KafkaSasl,
  type KafkaTls,
  loadKafka,
} from '../../../backends/kafka.ts';
import { atMost } from '../../../util/at-most.ts';
import type { Source, SourceStatus, TakeBatch } from '../source.ts';
import { KafkaGroup, membershipOptions } from './kafka-group.ts';
import { KafkaOffsets } from './kafka-offsets.ts';
import { KafkaPark } from './kafka-park.ts';
import { KafkaReading } from './kafka-reading.ts';
import type { KafkaQueueRecord } from './kafka-records.ts';
import { Parking } from './parking.ts';
import { SourceStates } from './source-state.ts';

export interface KafkaSourceOptions {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  readonly sasl?: KafkaSasl | undefined;
  /** Undefined: no TLS; an empty object: TLS with the authorities that Node knows. */
  readonly tls?: KafkaTls | undefined;
  /** Created with the broker's defaults where it is missing. What is poison goes to `<topic>.dead`. */
  readonly topic: string;
  /** Shared by all nodes: each partition is read by one of them. A new group begins with the earliest record. */
  readonly group: string;
  /** What Kafka's logs, quotas and lists of members call this node. */
  readonly clientId: string;
  /** The door's name, which is written beside what is parked. */
  readonly door: string;
  /** After so long without a sign of life the partitions of a node are given to others. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** How often Kafka is asked how much waits. Default 3000. */
  readonly lagEveryMs?: number;
  /** After it what cannot be parked is written into the log. Default 10,000. */
  readonly parkWithinMs?: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
}

const closeWithinMs = 1000;

/**
 * A topic whose partitions the nodes share out as one group: the order of each partition is the order of its pushes, so that who produces under the uid as key
 * has the order of each user kept.
 *
 * At least once: offsets are committed after the hand-over. What a node handed on and could not commit comes again, to the same node, which knows it again,
 * or to another.
 */
export function createKafkaSource(options: KafkaSourceOptions): Source {
  return new KafkaSource(options);
}

class KafkaSource implements Source {
  readonly kind = 'kafka';
  readonly #options: KafkaSourceOptions;
  readonly #states = new SourceStates();
  #parts: Parts | undefined;
  #starting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #lag: number | undefined;
  #lagTimer: NodeJS.Timeout | undefined;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
  }

  get status(): SourceStatus {
    const { state, failure } = this.#states;
    const parts = this.#parts;
    if (parts === undefined) return { state, failure, lag: undefined, figures: {} };
    const { link, group, reading, parking } = parts;
    const reconnects = Math.max(0, link.attempts - 1);
    const figures = { ...reading.figures(), ...group.figures(), ...parking.figures(), reconnects };
    return { state, failure, lag: this.#lag, figures };
  }

  onState(listener: () => void): void {
    this.#states.onState(listener);
  }

  start(take: TakeBatch): void {
    this.#starting = this.#begin(take);
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #begin(take: TakeBatch): Promise<void> {
    const parts = await createParts(this.#options, take, () => this.#tell());
    this.#parts = parts;
    if (this.#closed !== undefined) return;
    parts.group.start();
    this.#askLagLater();
  }

  async #end(): Promise<void> {
    await this.#starting;
    clearTimeout(this.#lagTimer);
    if (this.#parts !== undefined) {
      const { link, group, reading, park, member, reader } = this.#parts;
      reading.stop();
      await atMost(reading.endWithinMs + closeWithinMs, group.close());
      await endClients([member, reader]);
      await Promise.all([link.close(), park.close(), reading.ended()]);
    }
    this.#states.set('closed', 'closed');
  }

  #tell(): void {
    if (this.#closed !== undefined || this.#parts === undefined) return;
    const { link, group, reading } = this.#parts;
    const failure = link.failure ?? group.failure;
    const isOnItsWay = link.state === 'connecting' || (link.state === 'ready' && group.isOnItsWay);
    if (failure === undefined) this.#states.set(reading.partitions === 0 ? 'standby' : 'reading');
    else this.#states.set(isOnItsWay ? 'connecting' : 'failing', failure);
  }

  #askLagLater(): void {
    this.#lagTimer = setTimeout(() => {
      void this.#askLag().finally(() => {
        if (this.#closed === undefined) this.#askLagLater();
      });
    }, this.#options.lagEveryMs ?? 3000);
  }

  async #askLag(): Promise<void> {
    const { link, group, reading, offsets } = this.#parts as Parts;
    if (link.state !== 'ready') return;
    try {
      const partitions = await offsets.partitions();
      this.#lag = await reading.lag(partitions);
      // Kafka tells nobody of a group that the topic has grown.
      if (group.hasGrown(partitions)) group.rejoin();
      await reading.commitAgain();
    } catch {
      this.#lag = undefined;
    }
  }
}

type Parts = Awaited<ReturnType<typeof createParts>>;

async function createParts(options: KafkaSourceOptions, take: TakeBatch, onChange: () => void) {
  const { brokers, sasl, tls, clientId, topic, group: groupId, door, warn } = options;
  const { sessionTimeoutMs = 10_000, parkWithinMs: withinMs = 10_000 } = options;
  const { Admin, Consumer } = await loadKafka();
  const base = { brokers, clientId, sasl, tls };
  const client = clientOptions(base);
  const link = new KafkaLink({ ...base, setup: (admin) => ensureTopic(admin, { name: topic }) });
  link.onState(onChange);
  const park = new KafkaPark({
    client,
    topic,
    door,
    ensureTopic: async (name) => {
      const admin = guardClient(new Admin(client));
      await ensureTopic(admin, { name }).finally(() => admin.close().catch(() => {}));
    },
  });
  const parking = new Parking<KafkaQueueRecord>({
    door,
    withinMs,
    warn,
    send: (poison) => park.send(poison),
    isWorking: () => link.state === 'ready',
  });
  const membership = membershipOptions(sessionTimeoutMs, topic, (partitions) => group.giveUp(partitions));
  const member = guardClient(new Consumer({ ...client, groupId, autocommit: false, ...membership }));
  const reader = guardClient(new Consumer({ ...client, groupId, autocommit: false, requestTimeout: 5000 }));
  reader.topics.track(topic);
  const offsets = new KafkaOffsets(topic, reader);
  const onFailure = (error: unknown) => link.suspect(error);
  const reading = new KafkaReading({ topic, member, reader, offsets, parking, take, onFailure, onChange });
  const group: KafkaGroup = new KafkaGroup({
    topic,
    member,
    sessionTimeoutMs,
    onAssigned: (tenure) => reading.begin(tenure),
    onRevoked: (tenure) => reading.end(tenure),
    onChange,
    warn,
  });
  return { link, park, parking, member, reader, offsets, reading, group };
}
