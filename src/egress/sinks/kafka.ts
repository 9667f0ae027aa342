import type { Producer } from '@platformatic/kafka';
import {
  clientOptions,
  endClients,
  ensureTopic,
  guardClient,
  KafkaLink,
  type KafkaSasl,
  type KafkaTls,
  kafkaReason,
  loadKafka,
} from '../../backends/kafka.ts';
import { within } from '../../util/within.ts';
import type { Sink, SinkRecord, SinkStatus } from '../sink.ts';

export interface KafkaSinkOptions {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  readonly sasl?: KafkaSasl | undefined;
  /** Undefined: no TLS; an empty object: TLS with the authorities that Node knows. */
  readonly tls?: KafkaTls | undefined;
  /** Created with the broker's defaults where it is missing. */
  readonly topic: string;
  /** What Kafka's logs and quotas call this node. */
  readonly clientId: string;
  /** After it `send` rejects. Default 5000. */
  readonly timeoutMs?: number;
  /** Of what `send` was given and is not taken; beyond it `send` rejects. Default 16 MiB. */
  readonly maxWaitingBytes?: number;
}

interface Entry {
  readonly records: readonly SinkRecord[];
  readonly bytes: number;
  readonly outcome: PromiseWithResolvers<void>;
  /** Nobody waits for it any more. */
  isLate: boolean;
}

/** Bytes of records in one request, unless one `send` alone has more. */
const largestRequestBytes = 1024 * 1024;

/**
 * Produces idempotently, with acks of all replicas in sync; the record's key chooses the partition as Java's clients do. One request is under way at a time,
 * and what comes meanwhile goes with the next: several would overtake each other when one is tried again.
 */
export function createKafkaSink(options: KafkaSinkOptions): Sink {
  return new KafkaSink(options);
}

class KafkaSink implements Sink {
  readonly kind = 'kafka';
  readonly #options: KafkaSinkOptions;
  readonly #link: KafkaLink;
  readonly #producer: Promise<Producer<Buffer, Buffer, string, string>>;
  #queue: Entry[] = [];
  #waitingBytes = 0;
  #isPumping = false;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaSinkOptions) {
    this.#options = options;
    const client = { ...options, requestTimeoutMs: Math.min(2000, options.timeoutMs ?? 5000) };
    this.#link = new KafkaLink({ ...client, setup: (admin) => ensureTopic(admin, { name: options.topic }) });
    this.#producer = createProducer(client);
  }

  get status(): SinkStatus {
    const { state, failure } = this.#link;
    return { state, failure: failure === undefined ? undefined : `Kafka: ${failure}` };
  }

  onState(listener: () => void): void {
    this.#link.onState(listener);
  }

  send(records: readonly SinkRecord[]): Promise<void> {
    const { timeoutMs = 5000, maxWaitingBytes = 16 * 1024 * 1024 } = this.#options;
    const { state, failure } = this.status;
    if (state === 'failing' || state === 'closed') return Promise.reject(new Error(failure));
    if (records.length === 0) return Promise.resolve();
    const bytes = records.reduce((sum, { key, body }) => sum + key.length + body.length, 0);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > maxWaitingBytes) {
      return Promise.reject(new Error('too much waits to be taken by Kafka'));
    }
    const entry = { records, bytes, outcome: Promise.withResolvers<void>(), isLate: false };
    this.#waitingBytes += bytes;
    this.#queue.push(entry);
    void this.#pump();
    return within(timeoutMs, entry.outcome.promise, () => {
      entry.isLate = true;
      return new Error(this.status.failure ?? `Kafka has not taken it within ${timeoutMs} ms`);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const closed = this.#link.close();
    this.#settle(this.#queue.splice(0), new Error('Kafka: closed'));
    await endClients([await this.#producer]);
    await closed;
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const producer = await this.#producer;
    while (this.#queue.length > 0) {
      if ((await this.#link.settled()) !== 'ready') {
        this.#settle(this.#queue.splice(0), new Error(this.status.failure));
        break;
      }
      const entries = this.#nextRequest();
      let failure: Error | undefined;
      try {
        if (entries.length > 0) await producer.send({ messages: entries.flatMap(this.#messagesOf) });
      } catch (error) {
        failure = new Error(`Kafka: ${kafkaReason(error)}`);
        this.#link.suspect(error);
      }
      this.#settle(entries, failure);
    }
    this.#isPumping = false;
  }

  readonly #messagesOf = ({ records }: Entry) => {
    const { topic } = this.#options;
    return records.map(({ key, body, id }) => {
      return { topic, key: Buffer.from(key), value: Buffer.from(body), headers: { id } };
    });
  };

  #nextRequest(): Entry[] {
    this.#settle(this.#take(({ isLate }) => isLate));
    let bytes = 0;
    let count = 0;
    for (const entry of this.#queue) {
      bytes += entry.bytes;
      if (count > 0 && bytes > largestRequestBytes) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #take(isTaken: (entry: Entry) => boolean): Entry[] {
    const taken = this.#queue.filter(isTaken);
    if (taken.length > 0) this.#queue = this.#queue.filter((entry) => !isTaken(entry));
    return taken;
  }

  #settle(entries: readonly Entry[], failure?: Error): void {
    for (const { bytes, outcome } of entries) {
      this.#waitingBytes -= bytes;
      if (failure === undefined) outcome.resolve();
      else outcome.reject(failure);
    }
  }
}

async function createProducer(options: Parameters<typeof clientOptions>[0]) {
  const { compatibilityPartitioner, Producer } = await loadKafka();
  const producer = new Producer<Buffer, Buffer, string, string>({
    ...clientOptions(options),
    idempotent: true,
    // The library takes fewer than two tries of an idempotent producer for no limit at all.
    retries: 2,
    partitioner: compatibilityPartitioner,
    serializers: { headerKey: bytesOf, headerValue: bytesOf },
  });
  return guardClient(producer);
}

function bytesOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
