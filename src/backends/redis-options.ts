import type { CommonRedisOptions } from 'ioredis';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

export type RedisServers =
  | ({ readonly kind: 'standalone' } & RedisAddress)
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisAddress[];
      /** Of the primary that they watch. */
      readonly name: string;
      readonly password?: string | undefined;
    }
  /** Some nodes of it, through which the others are found. */
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] };

/** In PEM. */
export interface RedisTls {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

export interface RedisOptions {
  readonly servers: RedisServers;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly db?: number | undefined;
  /** Undefined: not encrypted. Goes for Sentinels as well. */
  readonly tls?: RedisTls | undefined;
  /** How long an answer is waited for, and a connection. */
  readonly timeoutMs: number;
}

/** `redis:` or `rediss:` with user, password and the number of the database. */
export function redisOptionsOfUrl(url: string, timeoutMs: number): RedisOptions {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    // IPv6 stands in brackets in a URL only.
    servers: { kind: 'standalone', host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 6379) },
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    db: Number(pathname.slice(1) || 0),
    tls: protocol === 'rediss:' ? {} : undefined,
    timeoutMs,
  };
}

/** For messages: where it is, and never how one gets in. */
export function whereIsRedis({ servers }: RedisOptions): string {
  if (servers.kind === 'standalone') return textOf(servers);
  if (servers.kind === 'sentinel')
    return `${servers.name} of the Sentinels ${servers.sentinels.map(textOf).join(', ')}`;
  return `the Redis Cluster of ${servers.nodes.map(textOf).join(', ')}`;
}

const textOf = ({ host, port }: RedisAddress): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** For Node, which takes a missing `ca` for the authorities of the machine. */
export const tlsOf = ({ ca, cert, key }: RedisTls) => ({ ca, cert, key });

/**
 * What every client has. None of them connects again by itself or remembers anything: `RedisLink` does. A command whose answer
 * was lost is therefore never sent a second time.
 */
export function connectionOptions({ username, password, tls, timeoutMs }: RedisOptions) {
  return {
    lazyConnect: true,
    // What older servers speak as well.
    protocol: 2,
    username,
    password,
    ...(tls !== undefined && { tls: tlsOf(tls) }),
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A wire that swallows everything looks alive for ever otherwise.
    socketTimeout: 2 * timeoutMs,
    disconnectTimeout: 200,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    // 1, not 2, which would send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
    // `checkServer` says more.
    enableReadyCheck: false,
  } as const satisfies CommonRedisOptions & Record<string, unknown>;
}
