import type { BaseOptions, Producer } from '@platformatic/kafka';
import { endClients, guardClient, isKafkaError, kafkaReason, loadKafka } from '../../../backends/kafka.ts';
import type { KafkaQueueRecord } from './kafka-records.ts';
import type { Poison } from './parking.ts';

export interface KafkaParkOptions {
  readonly client: BaseOptions;
  readonly topic: string;
  readonly door: string;
  /** Makes the topic of dead letters where it is missing. */
  ensureTopic(name: string): Promise<void>;
}

const longestReason = 1000;
/** Of one request, which has to fit into what a topic takes at once: 1 MiB unless its operator says otherwise. */
const requestBytes = 512 * 1024;
/** What is larger is not even tried whole. */
const mostWholeBytes = 16 * 1024 * 1024;

/** Produces what is poison to `<topic>.dead`, with acks of all, under the key it had. The client is made with the first record. */
export class KafkaPark {
  readonly #options: KafkaParkOptions;
  #producer: Producer | undefined;
  #isTopicThere = false;
  /** Of those that are sent again, as others with them were not taken. */
  readonly #sent = new WeakSet<KafkaQueueRecord>();

  constructor(options: KafkaParkOptions) {
    this.#options = options;
  }

  /** Resolves once Kafka has all of it on all replicas that are in sync. */
  async send(poison: readonly Poison<KafkaQueueRecord>[]): Promise<void> {
    const topic = `${this.#options.topic}.dead`;
    if (!this.#isTopicThere) await this.#options.ensureTopic(topic);
    this.#isTopicThere = true;
    this.#producer ??= await this.#open();
    try {
      const left = poison.filter(({ record }) => !this.#sent.has(record));
      for (const some of requestsOf(left)) {
        await this.#produce(this.#producer, some);
        for (const { record } of some) this.#sent.add(record);
      }
    } catch (error) {
      this.#isTopicThere = false;
      throw new Error(`Kafka: ${kafkaReason(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    if (this.#producer !== undefined) await endClients([this.#producer]);
  }

  /** One that is as large as the topic allows is larger with what is said about it: it goes compressed, and where that does not do, cut. */
  async #produce(producer: Producer, some: readonly Poison<KafkaQueueRecord>[]): Promise<void> {
    const [first] = some;
    if (first === undefined || bytesOf(first) <= requestBytes) {
      return void (await producer.send({ messages: some.map((one) => this.#letterOf(one)) }));
    }
    try {
      if (first.record.body.length <= mostWholeBytes) {
        return void (await producer.send({ messages: [this.#letterOf(first)], compression: 'gzip' }));
      }
    } catch (error) {
      if (!(await isTooLarge(error))) throw error;
    }
    await producer.send({ messages: [this.#cutLetterOf(first)] });
  }

  #letterOf({ record, reason }: Poison<KafkaQueueRecord>) {
    const { body, raw } = record;
    const headers = this.#headersOf(record, reason);
    return { topic: `${this.#options.topic}.dead`, value: body, headers, ...(raw.key !== null && { key: raw.key }) };
  }

  #cutLetterOf({ record, reason }: Poison<KafkaQueueRecord>) {
    const { body, raw } = record;
    const bare = { ...record, body: body.subarray(0, requestBytes), raw: { ...raw, key: null, headers: [] } };
    const letter = this.#letterOf({ record: bare, reason });
    letter.headers.set(Buffer.from('bytes'), Buffer.from(String(body.length)));
    return letter;
  }

  async #open(): Promise<Producer> {
    const { Producer } = await loadKafka();
    // The library takes fewer than two tries of an idempotent producer for no limit at all.
    return guardClient(new Producer({ ...this.#options.client, idempotent: true, retries: 2 }));
  }

  #headersOf({ raw, partition, offset, timestamp }: KafkaQueueRecord, reason: string): Map<Buffer, Buffer> {
    const { topic, door } = this.#options;
    const told = {
      reason: reason.slice(0, longestReason),
      door,
      topic,
      partition: String(partition),
      offset: String(offset),
      timestamp: String(timestamp),
      time: new Date().toISOString(),
    };
    const own = raw.headers.flatMap(([name, value]) =>
      name === null || value === null ? [] : [[name, value] as const],
    );
    const ours = Object.entries(told).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
    return new Map([...own, ...ours]);
  }
}

function requestsOf(poison: readonly Poison<KafkaQueueRecord>[]): readonly (readonly Poison<KafkaQueueRecord>[])[] {
  const requests: Poison<KafkaQueueRecord>[][] = [];
  let left = 0;
  for (const one of poison) {
    const bytes = bytesOf(one);
    if (bytes > left) {
      requests.push([]);
      left = requestBytes;
    }
    left -= bytes;
    requests.at(-1)?.push(one);
  }
  return requests;
}

/** About, with what is said about it. */
function bytesOf({ record: { body, raw }, reason }: Poison<KafkaQueueRecord>): number {
  const headers = raw.headers.reduce((sum, [name, value]) => sum + (name?.length ?? 0) + (value?.length ?? 0) + 8, 0);
  return 512 + body.length + (raw.key?.length ?? 0) + headers + Math.min(reason.length, longestReason);
}

async function isTooLarge(error: unknown): Promise<boolean> {
  const [single, together] = await Promise.all([
    isKafkaError(error, 'apiId', 'MESSAGE_TOO_LARGE'),
    isKafkaError(error, 'apiId', 'RECORD_LIST_TOO_LARGE'),
  ]);
  return single || together;
}
