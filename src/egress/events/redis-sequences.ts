import { defineScript, type RedisClient } from '../../backends/redis-script.ts';
import { redisKeys } from '../../util/redis-keys.ts';
import { within } from '../../util/within.ts';
import { MemorySequences, type Sequences } from './sequences.ts';

export interface RedisSequencesOptions {
  readonly client: RedisClient;
  readonly cluster: string;
  /** After it the numbers come from this machine's clock. Default 1000. */
  readonly timeoutMs?: number;
}

/** ARGV: how many, and the last that this node gave without Redis. A day: longer than clocks of two servers of Redis may differ. */
const lua = `
local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[1]) or '0')
local first = math.max(last + 1, tonumber(ARGV[2]) + 1, tonumber(time[1]) * 1000000 + tonumber(time[2]))
redis.call('SET', KEYS[1], string.format('%.0f', first + tonumber(ARGV[1]) - 1), 'EX', 86400)
return string.format('%.0f', first)
`;

/**
 * One number for the whole cluster, by the clock of Redis. Where Redis cannot be asked, numbers come from the clock of this machine, above all it knows of,
 * and are counted in `local`; those of several nodes are then only as well ordered as their clocks. When it is back, numbers go on above them.
 */
export class RedisSequences implements Sequences {
  readonly #run: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #timeoutMs: number;
  readonly #own = new MemorySequences();
  #local = 0;
  /** Of `performance.now`: before it Redis is not asked. */
  #silentUntil = 0;

  constructor({ client, cluster, timeoutMs = 1000 }: RedisSequencesOptions) {
    const { last } = redisKeys(cluster, 'events', ['last']);
    this.#run = defineScript(client, { name: 'yunqueTakeSequences', lua, keys: [last] });
    this.#timeoutMs = timeoutMs;
  }

  get local(): number {
    return this.#local;
  }

  async take(count: number): Promise<number> {
    if (performance.now() < this.#silentUntil) return this.#takeOwn(count);
    try {
      const first = Number(await within(this.#timeoutMs, this.#run(count, this.#own.last)));
      if (!Number.isSafeInteger(first) || first <= 0) throw new TypeError('Redis gave no number');
      this.#own.learn(first + count - 1);
      return first;
    } catch {
      // A Redis that hangs would hold up each batch.
      this.#silentUntil = performance.now() + this.#timeoutMs;
      return this.#takeOwn(count);
    }
  }

  #takeOwn(count: number): number {
    this.#local += count;
    return this.#own.next(count);
  }
}
