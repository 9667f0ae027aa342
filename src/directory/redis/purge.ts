import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClient } from '../../backends/redis-script.ts';
import { enlistedKeyOf, indexKey, purgeKey, settledKeyOf } from './route-keys.ts';
import { type RouteCommands, routeCommands } from './routes.ts';

export interface RoutePurgeOptions {
  readonly client: RedisClient;
  readonly cluster: string;
  readonly node: string;
  readonly incarnation: () => number;
  /** Whether that start of a node is alive, as the leases say. */
  readonly isAlive: (node: string, incarnation: number) => boolean;
  /** Between two looks. Absent: 15,000. */
  readonly everyMs?: number;
}

/** Names whose routes are removed before others get their turn. */
const perSlice = 200;
const betweenSlicesMs = 10;
const lockMs = 30_000;

/**
 * Removes the routes of nodes, and of earlier starts of this one, that have ended, in small slices; a lock that ends by itself leaves one node at it. What it
 * cannot do now it does later: nobody takes such routes for anything meanwhile.
 */
export class RoutePurge {
  readonly #options: RoutePurgeOptions;
  readonly #commands: RouteCommands;
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
    for (const name of await client.smembers(enlistedKeyOf(cluster))) {
      const at = name.indexOf(':');
      const [incarnation, node] = [Number(name.slice(0, at)), name.slice(at + 1)];
      if (this.#isClosed) return;
      if (this.#hasEnded(node, incarnation)) await this.#purgeNode(name, node, incarnation);
    }
  }

  #hasEnded(node: string, incarnation: number): boolean {
    const own = this.#options.node === node ? this.#options.incarnation() : undefined;
    return own === undefined ? !this.#options.isAlive(node, incarnation) : incarnation < own;
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
