import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { type RedisOptions, redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import type { Bus } from '../../src/bus/bus.ts';
import { RedisBus } from '../../src/bus/engines/redis.ts';
import { testBus } from '../contract/bus.ts';
import { startRedis } from '../support/services/redis.ts';

const scope = { after };

function busesOn(redis: () => Promise<RedisOptions>): Parameters<typeof testBus>[1] {
  return async () => {
    const channel = `test-${randomBytes(6).toString('hex')}:bus`;
    const all: Bus[] = [];
    return {
      join: async () => {
        const bus = new RedisBus({ redis: await redis(), channel });
        all.push(bus);
        return bus;
      },
      [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((bus) => bus.close()))),
    };
  };
}

const shared = startRedis(scope);
testBus(
  'redis',
  busesOn(async () => redisOptionsOfUrl((await shared).url, 1500)),
);
