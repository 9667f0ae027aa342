import type { Redis } from 'ioredis';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import { createStreamSource, type StreamSourceOptions } from '../../src/ingress/queue/sources/stream.ts';
import { connectRedis } from './redis-client.ts';
import type { Scope } from './services/scope.ts';
import { startSource } from './source-probe.ts';

/** A stream of its own, and who reads it as the nodes of a cluster would, with short times. */
export function openStreamPlace(t: Scope, port: number, stream: string) {
  const client = connectRedis(t, port, { commandTimeout: 5000 });
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

/** In their order, while Redis is there; resolves with those that it has taken. */
async function addAll(client: Redis, stream: string, texts: readonly string[]): Promise<string[]> {
  const added: string[] = [];
  for (let at = 0; at < texts.length; at += 200) {
    const adding = texts.slice(at, at + 200).map(async (text) => {
      await client.xadd(stream, '*', 'data', text);
      added.push(text);
    });
    await Promise.allSettled(adding);
  }
  return added;
}
