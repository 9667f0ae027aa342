import type { RedisOptions } from '../../backends/redis-options.ts';
import type { Sink } from '../sink.ts';

export interface ChannelSinkOptions {
  readonly redis: RedisOptions;
  readonly channel: string;
}

export function createChannelSink(_options: ChannelSinkOptions): Sink {
  throw new Error('ways out to Redis channels are not there yet');
}
