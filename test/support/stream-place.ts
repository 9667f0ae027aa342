import type { Redis } from 'ioredis';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import { createStreamSource, type StreamSourceOptions } from '../../src/ingress/queue/sources/stream.ts';
import { connectRedis } from './redis-client.ts';
import type { Scope } from './services/scope.ts';
import { startSource } from './source-probe.ts';

/** A stream of its own, and who reads it as the nodes of a cluster would, with short times. */
export function openStreamPlace(t: Scope, port: number, stream: string) {
  const client = connectRedis(t, port);
  const logged: Readonly<Record<string, unknown>>[] = [];
  let nodes = 0;
  const optionsOver = (wire: number): StreamSourceOptions => {
    nodes += 1;
    return {
      redis: redisOptionsOfUrl(`redis://127.0.0.1:${wire}`, 500),
      ...{ stream, group: 'yunque', consumer: `node-${nodes}`, door: 'stream:test' },
      ...{ leaseMs: 1000, standbyTryMs: 50, lagEveryMs: 50, parkWithinMs: 300 },
      warn: (fields) => logged.push(fields),
    };
  };
  return {
    client,
    logged,
    leaseKey: `{${stream}}:yunque-reader:yunque`,
    optionsOver,
    /** A reader over a wire of its own, where one is named. */
    read: (over: Partial<StreamSourceOptions> & { wire?: number } = {}, before?: Parameters<typeof startSource>[2]) => {
      const { wire = port, ...changed } = over;
      return startSource(t, createStreamSource({ ...optionsOver(wire), ...changed }), before);
    },
    add: (texts: readonly string[]) => addAll(client, stream, texts),
    pending: async () => {
      const [count] = (await client.xpending(stream, 'yunque')) as [number];
      return count;
    },
    parked: async () => {
      const letters = await client.xrange(`${stream}.dead`, '-', '+');
      return letters.map(([, fields]) => fields);
    },
  };
}

/** In their order; resolves with those that Redis has taken. */
export async function addAll(client: Redis, stream: string, texts: readonly string[]): Promise<string[]> {
  const added = await Promise.all(
    texts.map((text) =>
      client.xadd(stream, '*', 'data', text).then(
        () => text,
        () => undefined,
      ),
    ),
  );
  return added.filter((text) => text !== undefined);
}
