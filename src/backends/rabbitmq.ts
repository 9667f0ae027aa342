import { setTimeout as pause } from 'node:timers/promises';
import type { ChannelModel, Options } from 'amqplib';
import { type BackOffOptions, backOffMs } from '../util/back-off.ts';
import { type Backend, type BackendListener, type BackendState, BackendStatus } from './backend.ts';
import { outliveDeepHeaders } from './rabbitmq-frames.ts';

/** PEM, for `amqps:` addresses. */
export interface RabbitTls {
  readonly ca?: Buffer | string | undefined;
  readonly cert?: Buffer | string | undefined;
  readonly key?: Buffer | string | undefined;
}

export interface RabbitOptions {
  /** `amqp:` or `amqps:`; may hold user, password and virtual host, and is never told on. */
  readonly url: string;
  readonly tls?: RabbitTls | undefined;
  /** What the server's own lists call this connection. */
  readonly name: string;
  /** A connection that was silent for two to three of them is given up. Default 10. */
  readonly heartbeatSeconds?: number;
  /** For TCP, TLS and the handshake together. Default 5000. */
  readonly connectTimeoutMs?: number;
  /** Default 200 to 2000 ms. */
  readonly backOff?: BackOffOptions;
  /** Makes the channels anew on each connection: nothing of the last one is left. The link is `ready` once it resolved. */
  setup(connection: ChannelModel): Promise<void>;
}

const defaultBackOff = { firstMs: 200, mostMs: 2000 };
/** How long a polite end may take before the socket is cut. */
const goodbyeMs = 1000;

/**
 * One connection to RabbitMQ, made again for ever with growing, jittered pauses; the name is looked up each time. A server that
 * blocks its publishers (memory or disk alarm) makes it `failing` with the server's reason, while the connection and what it
 * consumes stay.
 */
export class RabbitLink implements Backend {
  readonly #options: RabbitOptions;
  readonly #status = new BackendStatus();
  readonly #ending = new AbortController();
  #connection: ChannelModel | undefined;
  #run: Promise<void>;

  /** Begins to connect and does not wait for it. */
  constructor(options: RabbitOptions) {
    this.#options = options;
    this.#run = this.#keepConnected();
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

  async close(): Promise<void> {
    this.#status.close();
    const connection = this.#connection;
    if (connection !== undefined) {
      // Only a server that answers can be told goodbye.
      await Promise.race([connection.close().catch(() => {}), pause(goodbyeMs, undefined, { ref: false })]);
    }
    this.#ending.abort();
    await this.#run;
  }

  async #keepConnected(): Promise<void> {
    for (let failures = 0; this.#status.state !== 'closed'; failures += 1) {
      this.#status.attempt();
      const reason = await this.#connectOnce(() => {
        failures = 0;
      });
      if (this.#ending.signal.aborted) return;
      this.#status.fail(reason);
      const pauseMs = backOffMs(Math.min(failures, 16), this.#options.backOff ?? defaultBackOff);
      await pause(pauseMs, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
  }

  /** Resolves when the connection is lost or was not to be had, with why. */
  async #connectOnce(onReady: () => void): Promise<string> {
    // Cuts the socket of this attempt only.
    const cut = new AbortController();
    const onEnding = () => cut.abort();
    this.#ending.signal.addEventListener('abort', onEnding);
    try {
      const connection = await this.#connect(cut.signal);
      const lost = whenLost(connection);
      let blocked: string | undefined;
      let isSetUp = false;
      const tell = () => {
        if (blocked !== undefined) this.#status.fail(`the server takes no messages now: ${blocked}`);
        else if (isSetUp) this.#status.ready();
      };
      connection.on('blocked', (reason) => {
        blocked = reason;
        tell();
      });
      connection.on('unblocked', () => {
        blocked = undefined;
        tell();
      });
      this.#connection = connection;
      const early = await Promise.race([lost, this.#options.setup(connection)]);
      if (early !== undefined) return early;
      onReady();
      isSetUp = true;
      tell();
      return await lost;
    } catch (error) {
      const reason = reasonOf(error);
      return reason.startsWith(withoutVirtualHost) ? virtualHostRefused(this.#options.url) : reason;
    } finally {
      this.#connection = undefined;
      this.#ending.signal.removeEventListener('abort', onEnding);
      cut.abort();
    }
  }

  async #connect(signal: AbortSignal): Promise<ChannelModel> {
    // Loaded by those who talk to RabbitMQ, and by nobody else.
    const { connect } = await import('amqplib');
    const { url, tls, name, heartbeatSeconds = 10, connectTimeoutMs = 5000 } = this.#options;
    const socket = {
      ca: tls?.ca,
      cert: tls?.cert,
      key: tls?.key,
      noDelay: true,
      timeout: connectTimeoutMs,
      signal,
      clientProperties: { connection_name: name },
    };
    const connection = await connect(addressOf(url, heartbeatSeconds), socket);
    outliveDeepHeaders(connection);
    return connection;
  }
}

/** The parts of an address; one without a heartbeat of its own gets ours: 0 would disable it. */
function addressOf(url: string, heartbeatSeconds: number): Options.Connect {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    protocol: protocol.slice(0, -1),
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(username === '' && password === ''
      ? {}
      : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
    vhost: pathname.length > 1 ? pathname.slice(1) : '/',
    heartbeat: Number(searchParams.get('heartbeat')) || heartbeatSeconds,
  };
}

/** Resolves with why it went. An `error` is always followed by `close`, and must have a listener. */
function whenLost(connection: ChannelModel): Promise<string> {
  return new Promise((resolve) => {
    let reason: string | undefined;
    connection.on('error', (error) => {
      reason = reasonOf(error);
    });
    connection.on('close', (error) =>
      resolve(reason ?? (error === undefined ? 'the connection ended' : reasonOf(error))),
    );
  });
}

/** What the library says of a server that ends the connection instead of opening the virtual host, and nothing of why. */
const withoutVirtualHost = 'Expected ConnectionOpenOk';

function virtualHostRefused(url: string): string {
  const { pathname } = new URL(url);
  const name = pathname.length > 1 ? pathname.slice(1) : '/';
  return `the server does not open the virtual host ${name} of the URL: it is not there, or not for this user (a "/" in its name is written %2F)`;
}

/** Node gives several addresses that all failed as one error without a message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}
