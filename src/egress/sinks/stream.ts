import { openRedis } from '../../backends/redis.ts';
import type { RedisOptions } from '../../backends/redis-options.ts';
import type { Sink } from '../sink.ts';
import { RedisSink } from './redis-sink.ts';

export interface StreamSinkOptions {
  readonly redis: RedisOptions;
  readonly stream: string;
  /** About how many entries the stream keeps: the oldest go. Default 100,000. */
  readonly maxLength?: number;
}

/** Adds entries with the fields `id`, `key` and `data` to a Redis Stream. */
export function createStreamSink({ redis, stream, maxLength = 100_000 }: StreamSinkOptions): Sink {
  return new RedisSink({
    ...{ kind: 'stream', redis },
    open: () => openRedis(redis),
    add: (batch, { id, key, body }) =>
      batch.xadd(stream, 'MAXLEN', '~', maxLength, '*', 'id', id, 'key', key, 'data', body),
  });
}
