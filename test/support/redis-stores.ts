import type { RedisClient } from '../../src/backends/redis-script.ts';
import { RedisStores, type RedisStoresOptions } from '../../src/store/redis/stores.ts';
import type { OwnedStores } from '../../src/store/replica/owner.ts';
import { connectRedis } from './redis-client.ts';
import { startRedis } from './services/redis.ts';
import type { Scope } from './services/scope.ts';

/** Copies of one cluster's stores, which tell each other of their writes. Nobody polls unless told to. */
export class TestCopies {
  readonly all: RedisStores[] = [];
  readonly #scope: Scope;
  readonly #connect: () => RedisClient;
  readonly #cluster: string;

  constructor(scope: Scope, connect: () => RedisClient, cluster = 'test') {
    this.#scope = scope;
    this.#connect = connect;
    this.#cluster = cluster;
  }

  async open(more: Partial<RedisStoresOptions> = {}): Promise<RedisStores> {
    const stores: RedisStores = new RedisStores({
      client: this.#connect(),
      cluster: this.#cluster,
      settleMs: 0,
      pollMs: 3_600_000,
      notify: (news) => Promise.allSettled(this.all.filter((each) => each !== stores).map((each) => each.learn(news))),
      ...more,
    });
    await stores.open();
    this.all.push(stores);
    this.#scope.after(() => stores.close());
    return stores;
  }
}

/** Stores in a Redis of their own, written through one copy and read from another. */
export async function redisStores(): Promise<OwnedStores & AsyncDisposable> {
  const ends: (() => Promise<void>)[] = [];
  const scope: Scope = { after: (end) => void ends.push(end) };
  const { port } = await startRedis(scope);
  const copies = new TestCopies(scope, () => connectRedis(scope, port));
  const [written, read] = [await copies.open(), await copies.open()];
  const { add, addAll, remove } = written.systems;
  const { rotate, remove: removeKey, removeSystem } = written.keys;
  const { ban, unban, removeSystem: removeBans } = written.bans;
  return {
    systems: { ...read.systems, add, addAll, remove },
    keys: { ...read.keys, rotate, remove: removeKey, removeSystem },
    bans: { ...read.bans, ban, unban, removeSystem: removeBans },
    [Symbol.asyncDispose]: async () => {
      for (const end of ends.reverse()) await end();
    },
  };
}
