import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClient } from '../../backends/redis-script.ts';
import type { NodeStart } from '../cluster-directory.ts';
import { enlistedKeyOf, indexKey, purgeKey, settledKeyOf } from './route-keys.ts';
import { type RouteCommands, routeCommands } from './routes.ts';

export interface RoutePurgeOptions {
  readonly client: RedisClient;
  readonly cluster: string;
  readonly node: string;
  readonly incarnation: () => number;
  /** The nodes that are alive, as the leases say. */
  readonly members: () => readonly NodeStart[];
  /** Between two looks. Absent: 15,000. */
  readonly everyMs?: number;
}

/** Names whose routes are removed before others get their turn. */
const perSlice = 200;
const betweenSlicesMs = 10;
const lockMs = 30_000;

/**
 * Removes the routes of earlier starts of the nodes, and of nodes that were no members at two looks in a row: one that has just come is not known yet. In
 * small slices; a lock that ends by itself leaves one node at it. What it cannot do now it does later: nobody takes such routes for anything meanwhile.
 */
export class RoutePurge {
  readonly #options: RoutePurgeOptions;
  readonly #commands: RouteCommands;
  /** Names in the list whose nodes were no members at the look before. */
  #strangers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: RoutePurgeOptions) {
    this.#options = options;
    this.#commands = routeCommands(options.client);
  }

  /** Once the leases are known. */
  start(): void {
    this.#running = this.#look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Once over all that have ended. Rejects where Redis cannot be asked. */
  async purge(): Promise<void> {
    const { client, cluster } = this.#options;
    const before = this.#strangers;
    this.#strangers = new Set();
    for (const name of await client.smembers(enlistedKeyOf(cluster))) {
      const at = name.indexOf(':');
      const [incarnation, id] = [Number(name.slice(0, at)), name.slice(at + 1)];
      if (this.#isClosed) return;
      const newest = this.#newestOf(id);
      if (newest === undefined) this.#strangers.add(name);
      const hasEnded = newest === undefined ? before.has(name) : incarnation < newest;
      if (hasEnded) await this.#purgeNode(name, id, incarnation);
    }
  }

  /** Of a node that is alive; there may be a newer one that this node has not heard of yet. */
  #newestOf(node: string): number | undefined {
    const { node: self, incarnation, members } = this.#options;
    return self === node ? incarnation() : members().find(({ id }) => id === node)?.incarnation;
  }

  async #look(): Promise<void> {
    const { everyMs = 15_000 } = this.#options;
    await this.purge().catch(() => {});
    if (this.#isClosed) return;
    this.#timer = setTimeout(
      () => {
        this.#running = this.#look();
      },
      everyMs * (0.75 + Math.random() / 2),
    );
    this.#timer.unref();
  }

  async #purgeNode(name: string, node: string, incarnation: number): Promise<void> {
    const { client, cluster } = this.#options;
    const lock = purgeKey(cluster, node, incarnation);
    if ((await client.set(lock, this.#options.node, 'PX', lockMs, 'NX')) === null) return;
    const index = indexKey(cluster, node, incarnation);
    for (;;) {
      const tags = await client.srandmember(index, perSlice);
      if (tags.length === 0) break;
      const routes = tags.map((tag) => `${encodeURIComponent(cluster)}:{${tag}}`);
      await Promise.all(routes.map((route) => this.#commands.yunqueRoutePurge(route, name)));
      await client.srem(index, ...tags);
      await client.pexpire(lock, lockMs);
      if (this.#isClosed) return;
      await delay(betweenSlicesMs);
    }
    await client.srem(settledKeyOf(cluster), name);
    await client.srem(enlistedKeyOf(cluster), name);
    await client.del(lock);
  }
}
