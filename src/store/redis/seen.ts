import { defineScript, type RedisClient } from '../../backends/redis-script.ts';
import { redisKeys } from '../../util/redis-keys.ts';
import { within } from '../../util/within.ts';
import { MemorySeen } from '../memory-seen.ts';
import { type Seen, type SeenFigures, seenForMs } from '../seen.ts';

export interface RedisSeenOptions {
  /** Heals itself; its commands fail in the end where Redis is not there. Stays the caller's. */
  readonly client: RedisClient;
  /** The name of the cluster. */
  readonly cluster: string;
  /** Of each of two generations in Redis. Absent: a million, some 100 MB each. */
  readonly mostNames?: number;
  /** How long one call waits for Redis. Absent: 500. */
  readonly timeoutMs?: number;
  /** Absent: `seenForMs`. */
  readonly forMs?: number;
}

const usualMost = 1_000_000;
const usualTimeoutMs = 500;
/** After a call that failed it is not asked for so long: batches do not wait for it one by one. */
const restMs = 1000;
/** Names of one command. */
const namesAtOnce = 1000;

/**
 * Adds names to the younger generation, as `MemorySeen` does. KEYS: younger, older, when the younger one began (ms). ARGV: ms of a generation, names of one, names. Answers whether
 * older ones were forgotten before their time.
 */
const addLua = `
local younger, older, begun = KEYS[1], KEYS[2], KEYS[3]
local forMs, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local began = tonumber(redis.call('GET', begun) or now)
local isFull = redis.call('SCARD', younger) >= most
local shortened = 0
if isFull or now - began >= forMs then
  if isFull and now - began < forMs then shortened = redis.call('EXISTS', older) end
  redis.call('UNLINK', older)
  if now - began < 2 * forMs and redis.call('EXISTS', younger) == 1 then redis.call('RENAME', younger, older)
  else redis.call('UNLINK', younger) end
  began = now
end
redis.call('SADD', younger, unpack(ARGV, 3))
redis.call('PEXPIRE', younger, 2 * forMs)
redis.call('SET', begun, string.format('%.0f', began), 'PX', 2 * forMs)
return shortened
`;

/** `Seen` of all nodes of a cluster: in Redis 6.2 or newer, and this node's own in its memory, too, which is what is left while Redis is not there. */
export class RedisSeen implements Seen {
  readonly #client: RedisClient;
  readonly #add: (...args: readonly (string | number)[]) => Promise<unknown>;
  readonly #younger: string;
  readonly #older: string;
  readonly #own: MemorySeen;
  readonly #forMs: number;
  readonly #mostNames: number;
  readonly #timeoutMs: number;
  #restsUntil = 0;
  #shortened = 0;
  #failed = 0;

  constructor(options: RedisSeenOptions) {
    const { client, cluster, forMs = seenForMs, mostNames = usualMost, timeoutMs = usualTimeoutMs } = options;
    const { younger, older, begun } = redisKeys(cluster, 'seen', ['younger', 'older', 'begun']);
    this.#client = client;
    this.#younger = younger;
    this.#older = older;
    this.#add = defineScript(client, { name: 'yunqueSeenAdd', lua: addLua, keys: [younger, older, begun] });
    this.#own = new MemorySeen({ forMs });
    this.#forMs = forMs;
    this.#mostNames = mostNames;
    this.#timeoutMs = timeoutMs;
  }

  get figures(): SeenFigures {
    return { shortened: this.#own.figures.shortened + this.#shortened, failed: this.#failed };
  }

  async has(names: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Set(this.#own.has(names));
    const others = known.size === 0 ? names : names.filter((name) => !known.has(name));
    const found = await this.#ask(async () => {
      const parts = chunksOf(others).map(async (chunk) => {
        // First the younger: a name that moves in between is in the older by then.
        const [younger, older] = await Promise.all([
          this.#client.smismember(this.#younger, ...chunk),
          this.#client.smismember(this.#older, ...chunk),
        ]);
        return chunk.filter((_, at) => younger[at] === 1 || older[at] === 1);
      });
      return (await Promise.all(parts)).flat();
    });
    for (const name of found ?? []) known.add(name);
    return known;
  }

  async add(names: readonly string[]): Promise<void> {
    this.#own.add(names);
    const shortened = await this.#ask(() =>
      Promise.all(chunksOf(names).map((chunk) => this.#add(this.#forMs, this.#mostNames, ...chunk))),
    );
    for (const each of shortened ?? []) this.#shortened += Number(each);
  }

  close(): void {
    this.#own.close();
  }

  /** Undefined where Redis does not answer in time, or did not a moment ago. */
  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.#restsUntil) {
      this.#failed += 1;
      return undefined;
    }
    try {
      return await within(this.#timeoutMs, question());
    } catch {
      this.#failed += 1;
      this.#restsUntil = performance.now() + restMs;
      return undefined;
    }
  }
}

function chunksOf(names: readonly string[]): (readonly string[])[] {
  if (names.length === 0) return [];
  if (names.length <= namesAtOnce) return [names];
  const count = Math.ceil(names.length / namesAtOnce);
  return Array.from({ length: count }, (_, at) => names.slice(at * namesAtOnce, (at + 1) * namesAtOnce));
}
