import { hash } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';
import { RabbitLink, type RabbitTls, reasonOf } from '../../backends/rabbitmq.ts';
import { createChannel, createConfirmChannel, RabbitChannel } from '../../backends/rabbitmq-channel.ts';
import { createMessageIds } from '../../util/message-id.ts';
import type { Bus, BusFigures } from '../bus.ts';
import { BusStatus } from '../bus-status.ts';
import { RabbitPublisher } from './rabbitmq-publisher.ts';
import { RabbitSubscriber } from './rabbitmq-subscriber.ts';

export interface RabbitBusOptions {
  /** `amqp:` or `amqps:`, with user, password and virtual host where they are needed. */
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  /** Of the cluster; its members share it, others do not. */
  readonly exchange: string;
  /** Of this node, the same after a restart: what it missed meanwhile waits in its queue. */
  readonly nodeId: string;
  /** Default 10. */
  readonly heartbeatSeconds?: number;
  /** How long a node may be away and still be given what it missed; its queue goes soon after. Default 60,000. */
  readonly messageTtlMs?: number;
  /** What waits for a node that is away or slow; the oldest is dropped beyond. Default 64 MiB. */
  readonly maxQueueBytes?: number;
  /** What may be published and not confirmed. Default 16 MiB. */
  readonly maxUnconfirmedBytes?: number;
  /** After it a broadcast rejects, as it is not known what became of it. Default 3000. */
  readonly confirmWithinMs?: number;
  /** How often the binding of the queue is made anew, for an exchange that somebody deleted. Default 10,000. */
  readonly bindEveryMs?: number;
}

const closeWithinMs = 1000;

/**
 * A durable fanout exchange, and a durable queue for each node, which expires some time after the node has gone for good.
 *
 * Publishing and consuming have a connection each: a server in need of memory or disk stops reading from those that publish, and
 * must go on reading acknowledgements. A message is persistent and confirmed: what `broadcast` resolved for survives a restart of
 * the server. Order is that of each sender; what comes again is recognised for as long as this node runs.
 */
export class RabbitBus implements Bus {
  readonly guarantees = { delivery: 'at-least-once', ordered: true } as const;
  readonly #options: RabbitBusOptions;
  readonly #status = new BusStatus();
  #parts: Parts | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: RabbitBusOptions) {
    this.#options = options;
  }

  get failure(): string | undefined {
    return this.#status.failure;
  }

  onState(listener: (failure: string | undefined) => void): () => void {
    return this.#status.onState(listener);
  }

  async start(onMessage: (bytes: Buffer) => void): Promise<void> {
    if (this.#isClosed || this.#parts !== undefined) throw new Error('the bus was started or closed before');
    const parts = createParts(this.#options, onMessage, () => this.#tell());
    this.#parts = parts;
    await Promise.all([parts.publishing.settled(), parts.consuming.settled()]);
    this.#tell();
  }

  async broadcast(bytes: Buffer): Promise<void> {
    if (this.failure !== undefined || this.#parts === undefined) throw new Error(this.failure);
    return this.#parts.publisher.publish(bytes);
  }

  figures(): BusFigures {
    const parts = this.#parts;
    if (parts === undefined) return {};
    const { publishing, consuming, publisher, subscriber, publisherChannel, subscriberChannel } = parts;
    return {
      ...publisher.figures(),
      ...subscriber.figures(),
      reconnects: Math.max(0, publishing.attempts - 1) + Math.max(0, consuming.attempts - 1),
      channels_rebuilt: publisherChannel.rebuilt + subscriberChannel.rebuilt,
    };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#status.set('the bus is closed');
    const parts = this.#parts;
    if (parts === undefined) return;
    parts.subscriber.stop();
    parts.subscriberChannel.stop();
    await parts.publisher.close(closeWithinMs);
    parts.publisherChannel.stop();
    await Promise.all([parts.publishing.close(), parts.consuming.close()]);
  }

  #tell(): void {
    if (this.#isClosed || this.#parts === undefined) return;
    const { publishing, consuming, publisherChannel, subscriberChannel } = this.#parts;
    const channel = publisherChannel.failure ?? subscriberChannel.failure;
    this.#status.set(publishing.failure ?? consuming.failure ?? channel);
  }
}

/** At most 255 bytes, as AMQP allows. */
function queueName(exchange: string, nodeId: string): string {
  const name = `${exchange}.${nodeId}`;
  return Buffer.byteLength(name) <= 255 ? name : hash('sha256', name);
}

type Parts = ReturnType<typeof createParts>;

function createParts(options: RabbitBusOptions, onMessage: (bytes: Buffer) => void, onChange: () => void) {
  const { url, tls, exchange, nodeId, heartbeatSeconds = 10, messageTtlMs = 60_000 } = options;
  const queue = queueName(exchange, nodeId);
  const publisher = new RabbitPublisher({
    exchange,
    origin: createMessageIds()(),
    maxUnconfirmedBytes: options.maxUnconfirmedBytes ?? 16 * 1024 * 1024,
    confirmWithinMs: options.confirmWithinMs ?? 3000,
    keepForMs: messageTtlMs,
    onReturned: () => subscriber.bind(),
  });
  const publisherChannel = new RabbitChannel({
    create: createConfirmChannel,
    setup: (channel) => publisher.setup(channel),
    onChange,
  });
  const subscriber = new RabbitSubscriber({
    exchange,
    queue,
    expiresMs: 2 * messageTtlMs,
    messageTtlMs,
    maxQueueBytes: options.maxQueueBytes ?? 64 * 1024 * 1024,
    bindEveryMs: options.bindEveryMs ?? 10_000,
    onMessage,
    onCancel: () => void subscriberChannel.rebuild(),
  });
  const subscriberChannel = new RabbitChannel({
    create: createChannel,
    setup: (channel) => subscriber.setup(channel),
    onChange,
  });
  const link = (role: string, setup: (connection: ChannelModel) => Promise<void>) => {
    const made = new RabbitLink({ url, tls, name: `yunque ${nodeId} ${role}`, heartbeatSeconds, setup });
    made.onState(onChange);
    return made;
  };
  return {
    publisher,
    publisherChannel,
    subscriber,
    subscriberChannel,
    publishing: link('publishes', (connection) => publisherChannel.open(connection)),
    consuming: link('consumes', (connection) => consumeOn(connection, subscriberChannel, queue)),
  };
}

/** A queue that an earlier configuration declared otherwise is given up, with what is in it: RabbitMQ does not change one. */
async function consumeOn(connection: ChannelModel, channel: RabbitChannel<Channel>, queue: string): Promise<void> {
  try {
    await channel.open(connection);
  } catch (error) {
    if (!reasonOf(error).includes(`for queue '${queue}'`)) throw error;
    const other = await connection.createChannel();
    await other.deleteQueue(queue);
    await other.close();
    await channel.open(connection);
  }
}
