import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../../../src/api/target.ts';
import { ensureBinary } from '../binary.ts';
import { type ClusterProcess, startCluster, type TestCluster } from '../cluster-process.ts';
import { eventually } from '../eventually.ts';
import { openTerminal } from '../pty.ts';
import { startRedis } from '../services/redis.ts';
import { innerScope } from '../services/scope.ts';
import type { WsClient } from '../ws-clients.ts';
import { drawScreen } from './svg.ts';

// Makes the pictures of docs/top.md and the README: `node test/support/pictures/top-pictures.ts`. Three nodes and Redis
// are started, `yunque bench` loads them, some clients have names and some of them stop reading, and the real binary
// shows it all. Takes a minute and a half.

const size = { columns: 110, rows: 30 } as const;
const docs = join(import.meta.dirname, '../../../docs');
const main = join(import.meta.dirname, '../../../src/main.ts');

const names = [
  ...['alice', 'bob', '张伟', '王小明', 'юлия', 'さくら', '김민준', 'étienne', 'mallory', 'olga', 'ngozi', '李娜'],
  ...['tomás', 'fatima', 'björn', '陈静', 'priya', 'kofi', 'zoë', '刘洋', 'marta', 'hiro', 'ines', '赵磊'],
] as const;
const groups = ['lobby', '聊天室', 'orders', 'match-7', 'support'] as const;
const dialects = ['yunque', 'cim', 'cim-json'] as const;

/** How much is sent to those who stop reading: their sockets take some megabytes before anything waits. */
const slow = { 张伟: 18, mallory: 15, kofi: 13, さくら: 12, ines: 11, björn: 10.5 } as const;

const clients = new Map<string, WsClient>();
const outer: (() => Promise<void>)[] = [];
const scope = innerScope({ after: (end) => void outer.push(end) });
try {
  const cluster = await startLoadedCluster();
  await shoot(cluster, { name: 'top-nodes', keys: '1', waitFor: /links 2\/2/, settleMs: 45_000 });
  await shoot(cluster, { name: 'top-clients', keys: '2/system=default\r<<', waitFor: /1-\d+ of/, settleMs: 15_000 });
  await makeSlow(cluster);
  await shoot(cluster, { name: 'top-slow', keys: '6', waitFor: /1-6 of 6/, settleMs: 15_000 });
} finally {
  for (const end of outer) await end();
}

async function startLoadedCluster(): Promise<TestCluster> {
  const redis = await startRedis(scope);
  const { host, port } = redis;
  const cluster = await startCluster(scope, {
    nodes: 3,
    start: false,
    redis: { host, port },
    set: ['outbox.maxBytes=64MiB', 'outbox.maxAge=10m', 'limits.payload=2MiB'],
  });
  for (const [index, node] of cluster.nodes.entries()) {
    await mkdir(node.dataDirectory, { recursive: true });
    await writeFile(join(node.dataDirectory, 'node-id'), `push-${index + 1}\n`);
  }
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.whenWhole();
  await Promise.all(names.map((name, index) => joinAs(cluster, name, index)));
  for (const [index, node] of cluster.nodes.entries()) loadWith(node, 300 + 50 * index, 4 + 2 * index);
  talk(cluster);
  return cluster;
}

async function joinAs(cluster: TestCluster, name: string, index: number): Promise<void> {
  const dialect = dialects[index % dialects.length] ?? 'yunque';
  const client = await cluster.node(index % cluster.nodes.length).join(dialect, {
    localAddress: `127.0.${3 + index}.${7 + index * 9}`,
    bind: { uid: name, channel: index % 2 ? 'ios' : 'web', deviceId: `phone-${index}`, deviceName: 'phone' },
  });
  const group = groups[index % groups.length] ?? 'lobby';
  await cluster.node(0).admin.join(group, { uids: [name] });
  clients.set(name, client);
}

/** Receivers, and messages to everybody, through one node. */
function loadWith(node: ClusterProcess, receivers: number, perSecond: number): void {
  const flags = ['--clients', String(receivers), '--rate', String(perSecond), '--duration', '10m', '--threads', '1'];
  const child: ChildProcess = spawn(
    process.execPath,
    [main, 'bench', 'fanout', '-s', node.url, '--ws-url', node.ws, ...flags],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: operatorOf(node),
    },
  );
  scope.after(async () => {
    child.kill('SIGKILL');
  });
}

/** Messages to groups, more to some than to others, and to everybody in waves, until the scope ends. */
function talk(cluster: TestCluster): void {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const due = groups.filter((_, index) => ticks % (2 * index + 1) === 0);
    if (due.length > 0) void say(cluster, 'default', { to: 'groups', groups: due });
    const wave = 1 + Math.sin(ticks / 40) + 0.4 * Math.sin(ticks / 13);
    if ((ticks * wave) % 4 < wave) void sayToAll(cluster);
  }, 50);
  scope.after(async () => clearInterval(timer));
}

async function sayToAll(cluster: TestCluster): Promise<void> {
  const { items } = await cluster
    .node(1)
    .admin.systems({})
    .catch(() => ({ items: [] }));
  await Promise.all(
    items.filter(({ system }) => system !== 'default').map(({ system }) => say(cluster, system, { to: 'system' })),
  );
}

/** What cannot be sent while all of it ends is nobody's loss. */
async function say(cluster: TestCluster, system: string, target: Target): Promise<void> {
  const { admin } = cluster.node(2);
  await admin.send({ system, target, push: { data: { text: 'hello, 云雀' } } }).catch(() => undefined);
}

/** An operator's shell on the machine of that node: its socket is found. */
function operatorOf(node: ClusterProcess): NodeJS.ProcessEnv {
  const home = dirname(dirname(node.socketPath));
  return { ...process.env, XDG_RUNTIME_DIR: home, HOME: home, YUNQUE_SERVER: undefined, YUNQUE_CONTEXT: undefined };
}

async function makeSlow(cluster: TestCluster): Promise<void> {
  const { admin } = cluster.node(0);
  const data = 'x'.repeat(500_000);
  for (const [name, megabytes] of Object.entries(slow)) {
    clients.get(name)?.ws.pause();
    for (let sent = 0; sent < megabytes; sent += 0.5) {
      await admin.send({ target: { to: 'users', uids: [name] }, message: { content: { data } } });
    }
  }
  await eventually('all of them are slow', async () => {
    const page = await admin.connections({ where: [{ field: 'queueBytes', op: '>', value: '0' }] });
    return page.total >= Object.keys(slow).length;
  });
}

interface Shot {
  readonly name: string;
  readonly keys: string;
  readonly waitFor: RegExp;
  /** Until the past fills its line. */
  readonly settleMs: number;
}

async function shoot(cluster: TestCluster, { name, keys, waitFor, settleMs }: Shot): Promise<void> {
  const command = await ensureBinary();
  const env = operatorOf(cluster.node(0));
  await using terminal = await openTerminal({ command, args: ['top'], env, ...size });
  await terminal.shows('OK');
  terminal.type(keys);
  await delay(settleMs);
  await terminal.shows(waitFor);
  await writeFile(join(docs, `${name}.svg`), drawScreen(terminal.screen.cells, { ...size, title: 'yunque top' }));
  process.stdout.write(`docs/${name}.svg\n${terminal.screen.text}\n`);
  terminal.type('q');
  await terminal.exit;
}
