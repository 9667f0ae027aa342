import { setTimeout as pause } from 'node:timers/promises';
import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import { backOffMs } from '../util/back-off.ts';
import { reasonOf } from './rabbitmq.ts';

export interface RabbitChannelOptions<C extends Channel> {
  create(connection: ChannelModel): Promise<C>;
  /** Declares, binds, consumes, publishes again. */
  setup(channel: C): Promise<void>;
  /** `failure` has changed. */
  onChange(): void;
}

const backOff = { firstMs: 50, mostMs: 5000 };

/**
 * A channel that is made again alone when the server closes it and leaves the connection (a precondition that failed, an
 * acknowledgement of something unknown). Of a connection that is gone it makes none: `open` is called with the next.
 */
export class RabbitChannel<C extends Channel> {
  readonly #options: RabbitChannelOptions<C>;
  #current: C | undefined;
  #failure: string | undefined = 'no channel yet';
  #isClosed = false;
  /** How often it was made again on a connection that stayed. */
  rebuilt = 0;

  constructor(options: RabbitChannelOptions<C>) {
    this.#options = options;
  }

  /** Why there is none in use; undefined: there is one. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Rejects with why it could not be made or set up. */
  async open(connection: ChannelModel): Promise<void> {
    const channel = await this.#options.create(connection);
    let reason = 'the channel was closed';
    let isSetUp = false;
    // Without a listener an error would end the process.
    channel.on('error', (error) => {
      reason = reasonOf(error);
    });
    channel.on('close', () => {
      if (this.#current !== channel) return;
      this.#current = undefined;
      this.#tell(reason);
      if (isSetUp) void this.#reopen(connection);
    });
    this.#current = channel;
    try {
      await this.#options.setup(channel);
    } catch (error) {
      if (this.#current === channel) this.#current = undefined;
      throw error;
    }
    isSetUp = true;
    this.#tell(undefined);
  }

  /** Ends the channel in use, to have another. */
  async rebuild(): Promise<void> {
    await this.#current?.close().catch(() => {});
  }

  /** No other is made from now on; the one in use ends with its connection. */
  stop(): void {
    this.#isClosed = true;
  }

  #tell(failure: string | undefined): void {
    this.#failure = failure;
    this.#options.onChange();
  }

  async #reopen(connection: ChannelModel): Promise<void> {
    let isAlive = true;
    const onEnd = () => {
      isAlive = false;
    };
    connection.on('close', onEnd);
    for (let tries = 0; isAlive && !this.#isClosed; tries += 1) {
      await pause(backOffMs(Math.min(tries, 16), backOff));
      if (!isAlive || this.#isClosed) break;
      try {
        await this.open(connection);
        this.rebuilt += 1;
        break;
      } catch (error) {
        // The connection has gone, which ends this, or the server refuses again, which is tried again later.
        this.#tell(reasonOf(error));
      }
    }
    connection.removeListener('close', onEnd);
  }
}

export const createChannel = (connection: ChannelModel): Promise<Channel> => connection.createChannel();
export const createConfirmChannel = (connection: ChannelModel): Promise<ConfirmChannel> =>
  connection.createConfirmChannel();
