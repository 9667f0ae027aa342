import type { RedisOptions } from '../../backends/redis-options.ts';
import { openRedisServer, RedisNodes } from '../../backends/redis-server.ts';
import type { Sink } from '../sink.ts';
import { RedisSink } from './redis-sink.ts';

export interface ChannelSinkOptions {
  readonly redis: RedisOptions;
  readonly channel: string;
}

/** Publishes bodies on a Redis channel, whoever listens. */
export function createChannelSink({ redis, channel }: ChannelSinkOptions): Sink {
  const nodes = redis.servers.kind === 'cluster' ? new RedisNodes(redis.servers.nodes) : undefined;
  return new RedisSink({
    ...{ kind: 'channel', redis },
    // One connection, also in a Redis Cluster: the order of two batches is that of one of its nodes.
    open: () => openRedisServer({ ...redis, nodes }),
    add: (batch, { body }) => batch.publish(channel, body),
  });
}
