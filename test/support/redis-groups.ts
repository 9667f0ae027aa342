import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { freePort } from './services/free-port.ts';
import { startRedis } from './services/redis.ts';
import type { Scope } from './services/scope.ts';
import { type Service, startProcess } from './services/service.ts';
import { requireTool } from './tool.ts';

export interface SentinelGroup {
  readonly primary: Service;
  readonly replica: Service;
  readonly sentinelPort: number;
  readonly name: string;
}

/** A primary, its replica, and a Sentinel that takes the replica a second after the primary has gone. */
export async function startSentinelGroup(scope: Scope): Promise<SentinelGroup> {
  const primary = await startRedis(scope);
  const replica = await startRedis(scope, { args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const program = await requireTool('redis-server', 'redis-server');
  const data = await mkdtemp(join(tmpdir(), 'yunque-sentinel-'));
  const sentinelPort = await freePort();
  const name = 'main';
  const lines = [
    `port ${sentinelPort}`,
    'bind 127.0.0.1',
    `dir ${data}`,
    `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  await startProcess(scope, {
    name: 'Sentinel',
    program,
    args: [join(data, 'sentinel.conf'), '--sentinel'],
    data,
    prepare: async () => {
      await mkdir(data, { recursive: true });
      await writeFile(join(data, 'sentinel.conf'), `${lines.join('\n')}\n`);
    },
    ready: /\+monitor|Sentinel ID is/,
  });
  await asked(sentinelPort, 'the Sentinel knows the replica', async (sentinel) => {
    const replicas = (await sentinel.call('SENTINEL', 'replicas', name)) as string[][];
    return replicas.some((fields) => fields.includes('ok') && fields.includes('master-link-status'));
  });
  return { primary, replica, sentinelPort, name };
}

/** Three primaries that share the slots, and a replica of the first. */
export async function startRedisCluster(scope: Scope): Promise<readonly Service[]> {
  const nodes: Service[] = [];
  for (let at = 0; at < 4; at += 1) {
    const clusterPort = await freePort();
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(clusterPort), '--cluster-node-timeout', '1000'];
    nodes.push(await startRedis(scope, { args }));
    const [first, last] = [Math.floor((at * 16384) / 3), Math.floor(((at + 1) * 16384) / 3) - 1];
    await withClient(portOf(nodes, at), async (client) => {
      if (at < 3) await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last);
      if (at > 0)
        await client.call('CLUSTER', 'MEET', '127.0.0.1', portOf(nodes, 0), await busPortOf(portOf(nodes, 0)));
    });
  }
  for (const { port } of nodes) {
    await asked(port, 'all nodes know each other', async (client) => {
      const info = String(await client.cluster('INFO'));
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4');
    });
  }
  const id = await withClient(portOf(nodes, 0), async (client) => String(await client.call('CLUSTER', 'MYID')));
  await withClient(portOf(nodes, 3), (client) => client.call('CLUSTER', 'REPLICATE', id));
  await asked(portOf(nodes, 3), 'the replica follows', async (client) =>
    /^master_link_status:up/m.test(await client.info('replication')),
  );
  return nodes;
}

const portOf = (nodes: readonly Service[], at: number): number => nodes[at]?.port ?? 0;

async function busPortOf(port: number): Promise<string> {
  const nodes = await withClient(port, async (client) => String(await client.cluster('NODES')));
  return /@(\d+)/.exec(nodes)?.[1] ?? '';
}

async function withClient<T>(port: number, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, '127.0.0.1', { enableReadyCheck: false });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

function asked(port: number, what: string, ask: (client: Redis) => Promise<boolean>): Promise<void> {
  return withClient(port, (client) => eventually(what, () => ask(client), 20_000));
}
