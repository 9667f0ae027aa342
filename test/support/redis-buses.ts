import { randomBytes } from 'node:crypto';
import type { RedisOptions } from '../../src/backends/redis-options.ts';
import { RedisBus, type RedisBusOptions } from '../../src/bus/engines/redis.ts';
import type { BusCluster } from '../contract/bus.ts';
import type { Scope } from './services/scope.ts';

/** For `testBus`: buses on a channel of their own. */
export function busesOn(redis: () => Promise<RedisOptions>): () => Promise<BusCluster> {
  return async () => {
    const channel = newChannel();
    const all: RedisBus[] = [];
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

export const newChannel = (): string => `test-${randomBytes(6).toString('hex')}:bus`;

export interface HeardBus {
  readonly bus: RedisBus;
  readonly heard: string[];
}

/** A bus that has started and writes down what it hears; closed with the scope. */
export async function startBus(scope: Scope, options: RedisBusOptions): Promise<HeardBus> {
  const bus = new RedisBus(options);
  scope.after(() => bus.close());
  const heard: string[] = [];
  await bus.start((bytes) => heard.push(bytes.toString('latin1', 0, 100)));
  return { bus, heard };
}
