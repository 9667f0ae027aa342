import type { RedisClient } from '../../backends/redis-script.ts';
import { type RouteName, type RouteStore, type StoredPlace, settledKey } from '../route-store.ts';
import { enlistedKeyOf, indexKey, routeKey, settledKeyOf, tagOf } from './route-keys.ts';
import { dropLua, purgeLua, putLua } from './route-scripts.ts';

export interface RedisRoutesOptions {
  /** Heals itself; its commands fail in the end where Redis is not there. Stays the caller's. */
  readonly client: RedisClient;
  /** The name of the cluster. */
  readonly cluster: string;
  readonly node: string;
  /** Of this node as the others know it now: greater after its lease had ended. */
  readonly incarnation: () => number;
}

/** The scripts, with the key each is about. */
export interface RouteCommands {
  yunqueRoutePut(...args: readonly (string | number)[]): Promise<[string, string[]]>;
  yunqueRouteDrop(...args: readonly (string | number)[]): Promise<number>;
  yunqueRoutePurge(...args: readonly (string | number)[]): Promise<number>;
}

export function routeCommands(client: RedisClient): RouteCommands {
  client.defineCommand('yunqueRoutePut', { lua: putLua, numberOfKeys: 1 });
  client.defineCommand('yunqueRouteDrop', { lua: dropLua, numberOfKeys: 1 });
  client.defineCommand('yunqueRoutePurge', { lua: purgeLua, numberOfKeys: 1 });
  return client as unknown as RouteCommands;
}

/**
 * Routes in Redis 6.2 or newer, standalone or Cluster: a hash of each user and group, one script in one slot a change, and a set of each node's
 * names, by which a survivor removes them. One login of a user takes about 200 bytes of Redis' memory.
 */
export class RedisRoutes implements RouteStore {
  readonly #options: RedisRoutesOptions;
  readonly #commands: RouteCommands;

  constructor(options: RedisRoutesOptions) {
    this.#options = options;
    this.#commands = routeCommands(options.client);
  }

  async login(name: RouteName, cid: number, floor: number) {
    const [sequence, hash] = await this.#put(name, cid, floor, '');
    return { sequence: Number(sequence), places: placesIn(hash) };
  }

  async put(name: RouteName, cid: number, sequence: number): Promise<readonly StoredPlace[]> {
    const [, hash] = await this.#put(name, cid, 0, sequence);
    return placesIn(hash);
  }

  async drop(name: RouteName, cid: number, isLast: boolean): Promise<void> {
    const { client, cluster, node } = this.#options;
    const dropped = this.#commands.yunqueRouteDrop(
      ...[routeKey(cluster, name), fieldOf(name, node, cid)],
      ...['', this.#stamp],
    );
    // After it: a name without routes in the index is only looked at, a route without its name would stay.
    const unlisted = isLast ? client.srem(this.#index, tagOf(name)) : undefined;
    await Promise.all([dropped, unlisted]);
  }

  async remove(name: RouteName, { node, cid, sequence }: Omit<StoredPlace, 'incarnation'>): Promise<void> {
    const key = routeKey(this.#options.cluster, name);
    await this.#commands.yunqueRouteDrop(key, fieldOf(name, node, cid), `${sequence}:`, '');
  }

  async lookup(names: readonly RouteName[]): Promise<readonly (readonly StoredPlace[])[]> {
    const { client, cluster } = this.#options;
    const keys = names.map((name) => routeKey(cluster, name));
    // A pipeline of a Redis Cluster goes to one of its nodes only.
    const hashes =
      keys.length === 1 || 'nodes' in client
        ? await Promise.all(keys.map((key) => client.call('HGETALL', key)))
        : await inPipeline(client.pipeline(keys.map((key) => ['call', 'HGETALL', key])));
    return hashes.map((hash) => placesIn(hash as string[]));
  }

  async enlist(): Promise<void> {
    const { client, cluster } = this.#options;
    await client.sadd(enlistedKeyOf(cluster), this.#stamp);
  }

  async settle(): Promise<void> {
    const { client, cluster } = this.#options;
    await client.sadd(settledKeyOf(cluster), this.#stamp);
  }

  async settled(): Promise<ReadonlySet<string>> {
    return new Set(await this.#options.client.smembers(settledKeyOf(this.#options.cluster)));
  }

  onLost(listener: () => void): () => void {
    const { client } = this.#options;
    client.on('close', listener);
    return () => void client.off('close', listener);
  }

  get #stamp(): string {
    const { node, incarnation } = this.#options;
    return settledKey(node, incarnation());
  }

  get #index(): string {
    const { cluster, node, incarnation } = this.#options;
    return indexKey(cluster, node, incarnation());
  }

  async #put(name: RouteName, cid: number, floor: number, sequence: number | ''): Promise<[string, string[]]> {
    const { client, cluster, node } = this.#options;
    const [, answer] = await Promise.all([
      client.sadd(this.#index, tagOf(name)),
      this.#commands.yunqueRoutePut(
        ...[routeKey(cluster, name), fieldOf(name, node, cid)],
        ...[this.#stamp, floor, sequence],
      ),
    ]);
    return answer;
  }
}

async function inPipeline(pipeline: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<unknown[]> {
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, hash]) => {
    if (error) throw error;
    return hash;
  });
}

function fieldOf({ kind }: RouteName, node: string, cid: number): string {
  return kind === 'groups' ? `n${node}` : String(cid);
}

/** What is not of this form was written by nobody of us. */
function placesIn(hash: readonly string[]): StoredPlace[] {
  const places: StoredPlace[] = [];
  for (let at = 0; at + 1 < hash.length; at += 2) {
    const value = hash[at + 1] ?? '';
    const first = value.indexOf(':');
    const second = value.indexOf(':', first + 1);
    const sequence = Number(value.slice(0, first));
    const incarnation = Number(value.slice(first + 1, second));
    const cid = Number(hash[at]?.startsWith('n') ? 0 : hash[at]);
    if (second < 0 || ![sequence, incarnation, cid].every(Number.isSafeInteger)) continue;
    places.push({ node: value.slice(second + 1), incarnation, cid, sequence });
  }
  return places;
}
