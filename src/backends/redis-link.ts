import { setTimeout as delay } from 'node:timers/promises';
import { atMost } from '../util/at-most.ts';
import { backOffMs } from '../util/back-off.ts';
import { within } from '../util/within.ts';
import { type Backend, type BackendListener, type BackendState, BackendStatus } from './backend.ts';

/** What `Redis` and `Cluster` of ioredis have in common. */
export interface RedisConnection {
  connect(): Promise<void>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'end', listener: () => void): unknown;
}

export interface RedisLinkParts<C extends RedisConnection> {
  /** Has not begun to connect, and does not try again by itself (`connectionOptions`). */
  readonly client: C;
  readonly timeoutMs: number;
  /** Before each attempt, for those who have several servers to choose from. */
  redirect?(client: C): void;
  /** What is to be done on a new connection before it counts as ready; rejects where it is of no use. */
  prepare(client: C): Promise<void>;
  /** A question on an idle connection; rejects when it is not answered. */
  probe(client: C): Promise<void>;
}

/** Together with twice the timeout: a wire that swallows everything is noticed within 6 s. */
const probeMs = 2000;
/** Fewer than five attempts in any second. */
const pauses = { firstMs: 150, mostMs: 3000 };
/** A connection that lasted that long was a good one. */
const goodMs = 5000;
const goodbyeMs = 1000;

/**
 * A client of Redis that is connected again whenever it is lost, or two probes in a row were not answered: without end, with pauses,
 * resolving names anew each time. In between its commands reject at once; those of the first attempt wait for it. Nothing is sent
 * twice, and subscriptions are the business of `prepare`.
 */
export class RedisLink<C extends RedisConnection> implements Backend {
  readonly client: C;
  readonly #parts: RedisLinkParts<C>;
  readonly #status = new BackendStatus();
  /** Of the attempt of now: that its connection is not to be used any more. */
  #isOver = false;
  /** Of the attempt of now: that nothing of its connection is left. */
  #hasEnded = false;
  #ended: Promise<void> = Promise.resolve();
  #lastError: string | undefined;
  #failedInARow = 0;
  #readyAt = 0;
  #probeTimer: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  /** Begins to connect, and does not wait for it. */
  constructor(parts: RedisLinkParts<C>) {
    this.#parts = parts;
    this.client = parts.client;
    this.client.on('error', (error) => {
      this.#lastError = textOf(error);
    });
    this.#connect();
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

  /** How often it was ready and was lost. */
  get outages(): number {
    return this.#status.outages;
  }

  onState(listener: BackendListener): () => void {
    return this.#status.onState(listener);
  }

  /** Resolves with the outcome of the first attempt. */
  settled(): Promise<BackendState> {
    return this.#status.settled();
  }

  /** What was behind the failure of a command: of a lost connection a command only knows that it was closed. */
  reasonOf(error: Error): string {
    if (error.name !== 'MaxRetriesPerRequestError' && error.message !== 'Connection is closed.') return textOf(error);
    return this.failure ?? this.#lastError ?? textOf(error);
  }

  /** Throws the connection away, which somebody knows to be of no use, and makes another. */
  rebuild(reason: string): void {
    if (this.state === 'ready') this.#lose(this.attempts, reason);
  }

  async close(): Promise<void> {
    this.#status.close();
    this.#closing.abort();
    this.#end();
    await atMost(goodbyeMs, this.#ended);
  }

  #connect(): void {
    const attempt = this.#status.attempt();
    this.#isOver = false;
    this.#hasEnded = false;
    this.#lastError = undefined;
    this.#ended = new Promise((resolve) => {
      this.client.once('end', () => {
        resolve();
        if (attempt !== this.attempts) return;
        this.#hasEnded = true;
        this.#lose(attempt, 'the server closed the connection');
      });
    });
    this.#enter(attempt).catch((error: Error) => this.#lose(attempt, textOf(error)));
  }

  async #enter(attempt: number): Promise<void> {
    const { timeoutMs, client } = this.#parts;
    this.#parts.redirect?.(client);
    await answered(2 * timeoutMs, client.connect());
    await answered(2 * timeoutMs, this.#parts.prepare(client));
    if (!this.#isCurrent(attempt)) return;
    this.#lastError = undefined;
    this.#readyAt = performance.now();
    this.#probeLater(attempt);
    this.#status.ready();
  }

  #isCurrent(attempt: number): boolean {
    return attempt === this.attempts && !this.#isOver;
  }

  #probeLater(attempt: number): void {
    this.#probeTimer = setTimeout(() => {
      this.#probe().then(
        () => {
          if (this.#isCurrent(attempt)) this.#probeLater(attempt);
        },
        (error: Error) => this.#lose(attempt, textOf(error)),
      );
    }, probeMs);
  }

  /** Rejects when two in a row were not answered: the first may be the fault of this process, which was held up. */
  async #probe(): Promise<void> {
    const { timeoutMs, client } = this.#parts;
    const once = () => answered(2 * timeoutMs, this.#parts.probe(client));
    await once().catch(once);
  }

  #lose(attempt: number, reason: string): void {
    if (!this.#isCurrent(attempt)) return;
    this.#end();
    const lastedMs = this.state === 'ready' ? performance.now() - this.#readyAt : 0;
    this.#failedInARow = lastedMs >= goodMs ? 0 : this.#failedInARow + 1;
    const pauseMs = backOffMs(Math.min(this.#failedInARow, 10), pauses);
    const again = Promise.all([delay(pauseMs, undefined, { signal: this.#closing.signal }), this.#gone()]);
    again.then(
      () => this.#connect(),
      () => {},
    );
    this.#status.fail(this.#lastError ?? reason);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#probeTimer);
    if (!this.#hasEnded) this.client.disconnect();
  }

  #gone(): Promise<void> {
    return atMost(goodbyeMs, this.#ended);
  }
}

/** What another error hides: several addresses that were all in vain have no words of their own. */
function textOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join(', ');
  return error.message || (error.code ?? error.name);
}

function answered<T>(ms: number, promise: Promise<T>): Promise<T> {
  return within(ms, promise, () => new Error(`no answer within ${ms} ms`));
}
