import type { RedisOptions as IoRedisOptions, Redis } from 'ioredis';
import { RedisLink } from './redis-link.ts';
import { connectionOptions, type RedisAddress, type RedisOptions, tlsOf } from './redis-options.ts';

/** A client of one server, not connected: of the one there is, the primary that Sentinels name, or some node of a Redis Cluster. */
export async function createServerClient(options: RedisOptions, { enableReadyCheck = false } = {}): Promise<Redis> {
  // Loaded by those who talk to Redis, and by nobody else.
  const { Redis } = await import('ioredis');
  const { servers, db = 0, timeoutMs, tls } = options;
  const common = { ...connectionOptions(options), enableReadyCheck };
  if (servers.kind === 'standalone') return new Redis({ ...common, db, host: servers.host, port: servers.port });
  // Which node, `RedisNodes` says before each attempt.
  if (servers.kind === 'cluster') return new Redis(common);
  return new Redis({
    ...common,
    db,
    sentinels: servers.sentinels.map(({ host, port }) => ({ host, port })),
    name: servers.name,
    ...(servers.password !== undefined && { sentinelPassword: servers.password }),
    ...(tls !== undefined && { sentinelTLS: tlsOf(tls), enableTLSForSentinelMode: true }),
    // Goes on with the Sentinel after the last one asked, once round; the next attempt is the business of `RedisLink`.
    sentinelRetryStrategy: (rounds) => (rounds <= 1 ? 10 : null),
    sentinelCommandTimeout: timeoutMs,
  } satisfies IoRedisOptions);
}

/** Rejects where a server does not do what is asked of it: it still loads its data, is a replica, or is cut off from its cluster. */
export async function checkServer(client: Pick<Redis, 'info'>, use: 'reading' | 'writing'): Promise<void> {
  const info = await client.info().catch(unlessForbidden);
  if (/^loading:1/m.test(info)) throw new Error('LOADING Redis is loading its data');
  if (use === 'writing' && /^role:slave/m.test(info)) throw new Error('READONLY it is a replica, and takes no writes');
}

/** Rejects when no answer comes; that it is not allowed to ask is an answer. */
export async function ping(client: Pick<Redis, 'ping'>): Promise<void> {
  await client.ping().catch((error: Error) => {
    if (error.name !== 'ReplyError') throw error;
  });
}

/** Users of an ACL may lack the right to ask about the server; then nothing is known. */
function unlessForbidden(error: Error): string {
  if (error.message.startsWith('NOPERM')) return '';
  throw error;
}

/** The nodes of a Redis Cluster that are known so far, one after the other. */
export class RedisNodes {
  readonly #seeds: readonly RedisAddress[];
  #known: readonly RedisAddress[];
  #at = Math.floor(Math.random() * 1000);

  constructor(seeds: readonly RedisAddress[]) {
    this.#seeds = seeds;
    this.#known = seeds;
  }

  next(): RedisAddress {
    this.#at += 1;
    const { host, port } = this.#known[this.#at % this.#known.length] ?? { host: 'localhost', port: 6379 };
    return { host, port };
  }

  /** Asks one of them who the others are. Rejects where it cannot serve, cut off from them. */
  async learn(client: Redis): Promise<void> {
    const state = await client.cluster('INFO');
    if (!/^cluster_state:ok/m.test(String(state))) throw new Error('CLUSTERDOWN the Redis Cluster is down');
    const ranges = (await client.cluster('SLOTS')) as [number, number, ...[string, number, ...unknown[]][]][];
    const all = ranges.flatMap(([, , ...nodes]) => nodes.map(([host, port]) => ({ host, port })));
    const isNew = ({ host, port }: RedisAddress, at: number, list: readonly RedisAddress[]) =>
      host !== '' && list.findIndex((other) => other.host === host && other.port === port) === at;
    this.#known = [...all, ...this.#seeds].filter(isNew);
  }
}

export interface RedisServerOptions extends RedisOptions {
  /** Shared by connections to the same Redis Cluster. */
  readonly nodes: RedisNodes | undefined;
  /** What else is to be done on a new connection, such as subscribing. */
  readonly prepare?: (client: Redis) => Promise<void>;
}

/**
 * One connection to one server, for what has to keep its order and for subscriptions. In a Redis Cluster it is to any of its nodes, and
 * after a loss to another: what is published on one is heard on all.
 */
export async function openRedisServer(options: RedisServerOptions): Promise<RedisLink<Redis>> {
  const { nodes, prepare, timeoutMs } = options;
  const client = await createServerClient(options);
  return new RedisLink<Redis>({
    client,
    timeoutMs,
    redirect: () => {
      // Read at each connect.
      if (nodes !== undefined) Object.assign(client.options, nodes.next());
    },
    prepare: async () => {
      await checkServer(client, nodes === undefined ? 'writing' : 'reading');
      await nodes?.learn(client);
      await prepare?.(client);
    },
    probe: () => ping(client),
  });
}
