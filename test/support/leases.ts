import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RedisClient } from '../../src/backends/redis-script.ts';
import type { MemberInfo } from '../../src/directory/leases.ts';
import { RedisLeases, type RedisLeasesOptions } from '../../src/directory/redis/leases.ts';

/** A tenth of those of a real node. */
export const beatMs = 300;
export const leaseMs = 700;

export const infoOf = (port: number, more: Partial<MemberInfo> = {}): MemberInfo => ({
  host: '127.0.0.1',
  port,
  clientAddress: `127.0.0.1:${port}`,
  version: '0.1.0',
  startedAt: 1_700_000_000_000,
  state: 'serving',
  addresses: [`http://127.0.0.1:${port - 1000}`],
  ...more,
});

/** A folder that goes with the test. */
export async function scratchDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'yunque-home-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Leases of one node with a connection and a data directory of its own, released with the test. */
export async function openLeases(
  t: TestContext,
  connect: (t: TestContext) => RedisClient,
  nodeId: string,
  more: Partial<RedisLeasesOptions> = {},
): Promise<RedisLeases> {
  const leases = new RedisLeases({
    client: connect(t),
    cluster: 'test',
    nodeId,
    dataDirectory: more.dataDirectory ?? (await scratchDirectory(t)),
    terms: [{ key: 'crypto.key', value: 'k'.repeat(32), secret: true }],
    beatMs,
    leaseMs,
    ...more,
  });
  t.after(() => leases.release());
  return leases;
}
