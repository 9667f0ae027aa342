import { randomUUID } from 'node:crypto';
import { defineScript, type RedisClient } from '../../../backends/redis-script.ts';
import { claimLua, leaseKeyOf, releaseLua, renewLua } from './stream-scripts.ts';

export interface StreamLeaseOptions {
  readonly client: RedisClient;
  readonly stream: string;
  readonly group: string;
  /** Who reads, for people that look at the key. */
  readonly consumer: string;
  readonly leaseMs: number;
}

/**
 * That this node is the one that reads a group, as far as Redis and its own clock say so. Each claim has a token of its own: what was sent under an
 * earlier one and arrives late does nothing.
 */
export class StreamLease {
  readonly key: string;
  readonly #options: StreamLeaseOptions;
  readonly #claim: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #renew: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #release: (...args: readonly (string | number)[]) => Promise<unknown>;
  /** Also of a claim whose answer was lost. */
  readonly #tokens: string;
  #claims = 0;
  #token = '';
  #heldUntil = 0;

  constructor(options: StreamLeaseOptions) {
    this.#options = options;
    this.#tokens = `${options.consumer} ${randomUUID()} `;
    this.key = leaseKeyOf(options.stream, options.group);
    const keys = [this.key];
    this.#claim = defineScript(options.client, { name: 'yunqueReaderClaim', lua: claimLua, keys });
    this.#renew = defineScript(options.client, { name: 'yunqueReaderRenew', lua: renewLua, keys });
    this.#release = defineScript(options.client, { name: 'yunqueReaderRelease', lua: releaseLua, keys });
  }

  get token(): string {
    return this.#token;
  }

  /** By the clock of this node: another may have it otherwise, after a standstill. */
  get isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  /** Whether it is this node's now; it may have been before. */
  async claim(): Promise<boolean> {
    this.#claims += 1;
    const token = `${this.#tokens}${this.#claims}`;
    const since = performance.now();
    const isOurs = (await this.#claim(token, this.#tokens, this.#options.leaseMs)) === 1;
    if (!isOurs) return false;
    this.#token = token;
    this.extend(since);
    return true;
  }

  /** Whether it still is this node's. */
  async renew(): Promise<boolean> {
    const since = performance.now();
    const isOurs = (await this.#renew(this.#token, this.#options.leaseMs)) === 1;
    if (isOurs) this.extend(since);
    else this.#heldUntil = 0;
    return isOurs;
  }

  /** After an answer of Redis that it was extended, to a command that was sent at `since`. */
  extend(since: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, since + this.#options.leaseMs);
  }

  async release(): Promise<void> {
    this.#heldUntil = 0;
    if (this.#claims > 0) await this.#release(this.#tokens);
  }
}
