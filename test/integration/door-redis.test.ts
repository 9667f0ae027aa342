import { after } from 'node:test';
import type { Redis } from 'ioredis';
import { type RedisOptions, redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import type { Source } from '../../src/ingress/queue/source.ts';
import { createChannelSource } from '../../src/ingress/queue/sources/channel.ts';
import { createStreamSource } from '../../src/ingress/queue/sources/stream.ts';
import { type Published, type SourceUnderTest, testSource } from '../contract/source.ts';
import { connectRedis } from '../support/redis-client.ts';
import { sharedService } from '../support/services/shared.ts';

const shared = sharedService({ after }, 'redis');
const connected = shared.then(({ url }) => connectRedis({ after }, Number(new URL(url).port)));
let places = 0;

interface Kind {
  readonly open: (redis: RedisOptions, name: string, node: string) => Source;
  readonly publish: (client: Redis, name: string, record: Published) => Promise<unknown>;
}

/** A name of its own, with what was parked for it. */
async function newPlace({ open, publish }: Kind): Promise<SourceUnderTest> {
  const [{ url, prefix }, client] = [await shared, await connected];
  const redis = redisOptionsOfUrl(url, 2000);
  places += 1;
  const name = `${prefix}:${places}`;
  let nodes = 0;
  const opened: Source[] = [];
  return {
    open: () => {
      nodes += 1;
      const source = open(redis, name, `node-${nodes}`);
      opened.push(source);
      return source;
    },
    publish: async (records: readonly Published[]) =>
      void (await Promise.all(records.map((record) => publish(client, name, record)))),
    parked: async () => {
      const letters = await client.xrangeBuffer(`${name}.dead`, '-', '+');
      return letters.map(([, fields]) => {
        const field = (wanted: string) =>
          fields.find((_, at) => at % 2 === 1 && String(fields[at - 1]) === wanted) as Buffer;
        return { body: field('data'), reason: String(field('reason')) };
      });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((source) => source.close()));
      await client.del(name, `${name}.dead`);
    },
  };
}

const warn = () => {};

testSource('of a Redis Stream', { isAtLeastOnce: true, hasHeaders: true, countsRedelivered: true }, () =>
  newPlace({
    open: (redis, stream, consumer) =>
      createStreamSource({ redis, stream, group: 'yunque', consumer, door: 'stream:test', lagEveryMs: 50, warn }),
    publish: (client, stream, { body, ...beside }) =>
      client.xadd(stream, '*', 'data', body, ...Object.entries(beside).flat()),
  }),
);

testSource('of a Redis channel', { isAtLeastOnce: false, hasHeaders: false }, () =>
  newPlace({
    open: (redis, channel) => createChannelSource({ redis, channel, door: 'channel:test', warn }),
    publish: (client, channel, { body }) => client.publish(channel, body),
  }),
);
