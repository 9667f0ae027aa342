import type { Redis } from 'ioredis';

/** A connection that heals itself; commands sent while it is broken fail within `timeoutMs`. */
export interface RedisLink {
  readonly client: Redis;
  /** Why commands are failing; undefined: they are not. */
  readonly failure: string | undefined;
  /** What was behind the failure of a command: ioredis says of every lost connection that it retried too often. */
  reasonOf(error: Error): string;
  close(): void;
}

export interface RedisLinkOptions {
  /** `redis:` or `rediss:`; may hold user and password, and is never told on. */
  readonly url: string;
  readonly timeoutMs: number;
}

const longestPauseMs = 5000;

/** Begins to connect and does not wait for it. */
export async function openRedis({ url, timeoutMs }: RedisLinkOptions): Promise<RedisLink> {
  // Loaded by those who talk to Redis, and by nobody else.
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    lazyConnect: true,
    // What older servers speak as well.
    protocol: 2,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A wire that swallows everything looks alive for ever otherwise.
    socketTimeout: 2 * timeoutMs,
    // Together: a command whose answer was lost is not sent again, and fails as soon as the connection does.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(longestPauseMs, 200 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2),
    // 1, not 2, which would send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
  });
  let lastError = 'not connected';
  client.on('error', (error: NodeJS.ErrnoException) => {
    lastError = error.message || (error.code ?? 'not connected');
  });
  // Its failure comes as `error` as well, and is mended by trying again.
  client.connect().catch(() => {});
  return {
    client,
    get failure() {
      return client.status === 'reconnecting' || client.status === 'end' ? lastError : undefined;
    },
    reasonOf: (error) => (error.name === 'MaxRetriesPerRequestError' ? lastError : error.message),
    close: () => client.disconnect(),
  };
}
