import type { RedisOptions } from '../../backends/redis-options.ts';
import { type ClockSeen, clockSeen } from './patient.ts';

/** A Redis server, as it says of itself; `failure`: it was not to be had. */
export type RedisSeen = { readonly where: string } & (
  | { readonly failure: string }
  | {
      readonly ms: number;
      /** Of `INFO`; empty where this user may not ask. */
      readonly info: ReadonlyMap<string, string>;
      /** Of `CONFIG GET save`; undefined where this user may not ask. */
      readonly saves: string | undefined;
      readonly clock: ClockSeen;
    }
);

/** Connects, asks and leaves. Never rejects. */
export async function seeRedis(options: RedisOptions): Promise<RedisSeen> {
  const [{ openRedis }, { whereIsRedis }] = await Promise.all([
    import('../../backends/redis.ts'),
    import('../../backends/redis-options.ts'),
  ]);
  const where = whereIsRedis(options);
  const link = await openRedis({ ...options, use: 'reading' });
  try {
    if ((await link.settled()) !== 'ready') return { where, failure: link.failure ?? 'it does not answer' };
    const { client } = link;
    const server = 'nodes' in client ? (client.nodes('master')[0] ?? client) : client;
    const before = Date.now();
    const started = performance.now();
    const [seconds = 0, micros = 0] = await server.time();
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const clock = clockSeen(Number(seconds) * 1000 + Number(micros) / 1000, before, Date.now());
    const info = infoOf(await server.info().catch(() => ''));
    const saves = await server.config('GET', 'save').then(
      (answer) => String((answer as readonly unknown[])[1] ?? ''),
      () => undefined,
    );
    return { where, ms, info, saves, clock };
  } catch (error) {
    return { where, failure: (error as Error).message };
  } finally {
    await link.close();
  }
}

function infoOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
