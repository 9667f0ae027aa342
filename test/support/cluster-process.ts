import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { RedisStores } from '../../src/store/redis/stores.ts';
import { eventually } from './eventually.ts';
import type { AdminClient, TestNode } from './node.ts';
import type { Scope } from './services/scope.ts';
import { sharedService } from './services/shared.ts';
import { type ConnectOptions, connect, join as joinAs, type WsClient } from './ws-clients.ts';
import type { DialectName } from './ws-decode.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

export interface ClusterOptions {
  /** Started at once, unless `start` is false. */
  readonly nodes?: number;
  readonly start?: boolean;
  /** Nobody has begun it: the first start waits for nodes that may know its systems. */
  readonly isNew?: boolean;
  readonly redis: { readonly host?: string; readonly port: number };
  /** Absent: over Redis. */
  readonly bus?: 'redis' | 'rabbitmq' | 'kafka' | 'rpc';
  /** Of all nodes, as `--set` takes them. */
  readonly set?: readonly string[];
  /** Of one node, by its place from 0. */
  readonly setOf?: (index: number) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of one node; wins over `env`. */
  readonly envOf?: (index: number) => Readonly<Record<string, string>>;
}

/** Of all nodes, in their environment. */
export const testSecrets = {
  YUNQUE_CLUSTER_SECRET: 'a secret of the tests alone',
  YUNQUE_CRYPTO_KEY: 'a key of a test!',
} as const;

let clusters = 0;

/** Nodes in processes of their own, with Redis in common; they and their clients end with the test. */
export class TestCluster {
  readonly nodes: readonly ClusterProcess[];
  readonly name: string;

  constructor(folder: string, options: ClusterOptions) {
    const { nodes = 2, redis, bus = 'redis', set = [], setOf, env = {}, envOf } = options;
    clusters += 1;
    this.name = `test-${process.pid}-${clusters}`;
    const shared = [
      ...['cluster.enabled=true', `cluster.name=${this.name}`, `cluster.bus=${bus}`, 'cluster.rpcPort=0'],
      ...[`redis.host=${redis.host ?? '127.0.0.1'}`, `redis.port=${redis.port}`, 'drain.grace=0s', ...set],
    ];
    this.nodes = Array.from({ length: nodes }, (_, index) => {
      const settings = [...shared, ...(setOf?.(index) ?? [])];
      return new ClusterProcess(join(folder, `node-${index}`), settings, { ...testSecrets, ...env, ...envOf?.(index) });
    });
  }

  node(index: number): ClusterProcess {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** Resolves when each of those that run is linked with all others that run, and knows no more. */
  async whenWhole(patienceMs = 20_000): Promise<void> {
    const running = this.nodes.filter(({ isRunning }) => isRunning);
    await eventually(
      `${running.length} nodes are one cluster`,
      async () => {
        const answers = await Promise.all(running.map((node) => node.admin.stats().catch(() => undefined)));
        return answers.every((stats) => stats?.nodes.length === running.length && stats.missingNodes.length === 0);
      },
      patienceMs,
    );
  }

  /** The next node for each: clients spread over all, one dialect each. */
  async clients(dialect: DialectName, count: number): Promise<WsClient[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => this.node(n % this.nodes.length).join(dialect)));
  }
}

/** One node; `start` after `kill` is a restart with the same data directory. */
export class ClusterProcess {
  readonly #folder: string;
  readonly #settings: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #clients: WsClient[] = [];
  #child: ChildProcess | undefined;
  #said = '';
  /** Chosen by the first start, and kept. */
  port = 0;

  constructor(folder: string, settings: readonly string[], env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#settings = settings;
    this.#env = env;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written since its last start. */
  get said(): string {
    return this.#said;
  }

  get id(): string {
    return /"node":"([\w.-]+)"/.exec(this.#said)?.[1] ?? '';
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Of the operator. */
  get socketPath(): string {
    return join(this.#folder, 'yunque', `${this.port}.sock`);
  }

  get admin(): AdminClient {
    return createAdminClient({ socketPath: this.socketPath, timeoutMs: 8000 });
  }

  get dataDirectory(): string {
    return join(this.#folder, 'data');
  }

  async start({ set = [] }: { readonly set?: readonly string[] } = {}): Promise<void> {
    this.launch(set);
    await this.whenServing();
  }

  /** Starts it, and does not wait for it. */
  launch(set: readonly string[] = [], env: Readonly<Record<string, string | undefined>> = {}): void {
    assert.ok(!this.isRunning, 'it runs already');
    const flags = [...this.#settings, ...set].flatMap((setting) => ['--set', setting]);
    const args = ['serve', String(this.port), '--host', '127.0.0.1', '--data-dir', this.dataDirectory, ...flags];
    const runtime = { PATH: process.env['PATH'], HOME: this.#folder, XDG_RUNTIME_DIR: this.#folder, LANG: 'C' };
    this.#said = '';
    const child = spawn(process.execPath, [main, ...args], { env: { ...runtime, ...this.#env, ...env } });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        if (child === this.#child) this.#said += chunk;
      });
    }
  }

  async whenServing(): Promise<void> {
    await eventually(
      'it serves',
      () => {
        assert.ok(this.isRunning, this.#said);
        return this.#said.includes('"msg":"serving"');
      },
      60_000,
    );
    this.port = Number(/"port":(\d+),"ports"/.exec(this.#said)?.[1]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves with its exit code, or the signal, once it has ended. */
  async ended(): Promise<number | NodeJS.Signals> {
    const child = this.#child;
    assert.ok(child !== undefined, 'it was never started');
    if (this.isRunning) await once(child, 'exit');
    return child.exitCode ?? child.signalCode ?? 0;
  }

  /** As by the kernel: without a word. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    this.signal('SIGKILL');
    await this.ended();
  }

  /** As an operator does. */
  async stop(): Promise<number | NodeJS.Signals> {
    this.signal('SIGTERM');
    return this.ended();
  }

  /** A client that receives. */
  async join(
    dialect: DialectName,
    options: ConnectOptions & { readonly bind?: Readonly<Record<string, string>> } = {},
  ): Promise<WsClient> {
    const client = await joinAs(this as unknown as TestNode, dialect, options);
    this.#clients.push(client);
    return client;
  }

  async connect(dialect: DialectName, options: ConnectOptions = {}): Promise<WsClient> {
    const client = await connect(this as unknown as TestNode, dialect, options);
    this.#clients.push(client);
    return client;
  }

  /** A push as a backend on this machine sends it; what came, and its status. */
  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { SystemId: 'default', ...headers },
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.ws.terminate();
    this.signal('SIGCONT');
    await this.kill();
  }
}

/** Servers that other tests use at the same time; clusters in them have names of their own. */
export async function serversFor(scope: Scope, bus: NonNullable<ClusterOptions['bus']>) {
  const { hostname, port } = new URL((await sharedService(scope, 'redis')).url);
  const redis = { host: hostname, port: Number(port || 6379) };
  const env: Record<string, string> = {};
  if (bus === 'rabbitmq') env['YUNQUE_RABBITMQ_URL'] = (await sharedService(scope, 'rabbitmq')).url;
  if (bus === 'kafka') env['YUNQUE_KAFKA_BROKERS'] = (await sharedService(scope, 'kafka')).url;
  return { redis, env };
}

/** As the first start of a cluster leaves it, without its waiting. */
async function beginStores(cluster: string, { host = '127.0.0.1', port }: ClusterOptions['redis']): Promise<void> {
  const client = new Redis(port, host, { lazyConnect: true });
  client.on('error', () => {});
  const stores = new RedisStores({ client, cluster, settleMs: 0 });
  try {
    await client.connect();
    await stores.open();
  } finally {
    await stores.close();
    client.disconnect();
  }
}

export async function startCluster(t: Scope, options: ClusterOptions): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-cluster-'));
  const cluster = new TestCluster(folder, options);
  t.after(async () => {
    await Promise.all(cluster.nodes.map((node) => node.end()));
    await rm(folder, { recursive: true, force: true });
  });
  if (options.isNew !== true) await beginStores(cluster.name, options.redis);
  if (options.start === false) return cluster;
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.whenWhole();
  return cluster;
}
