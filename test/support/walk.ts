import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { TestNode } from './node.ts';
import { freePort, isFree } from './services/free-port.ts';
import type { Scope } from './services/scope.ts';
import { connect, type WsClient } from './ws-clients.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'src/main.ts');

/** How a command ended. */
export interface Ended {
  readonly code: number | NodeJS.Signals;
  readonly said: string;
  readonly complained: string;
}

/** Commands typed on one machine, in the folder of the project, by one person. */
export class Machine {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #running = new Set<ChildProcess>();

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    const own = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, LANG: 'C' };
    this.#env = { ...own, ...env };
  }

  /** `data` is a folder of its own for each node. */
  async serve(port: number, config: string, data: string, ...more: readonly string[]): Promise<WalkNode> {
    const args = ['serve', String(port), '--config', config, '--data-dir', join(this.#folder, data), ...more];
    const { child, ended } = this.#spawn(args);
    let over: Ended | undefined;
    void ended.then((how) => {
      over = how;
    });
    const isServing = async () => {
      assert.equal(over, undefined, JSON.stringify(over));
      return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200;
    };
    await eventually(`a node serves on ${port}`, isServing, 60_000);
    const node = { port, ws: `ws://127.0.0.1:${port}` };
    return {
      ...node,
      join: () => joinAsJson(node),
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  /** Resolves when the command has ended. */
  type(...args: readonly string[]): Promise<Ended> {
    return this.#spawn(args).ended;
  }

  end(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }

  #spawn(args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const child = spawn(process.execPath, [main, ...args], { cwd: root, env: this.#env });
    this.#running.add(child);
    child.stdin.end();
    let [said, complained] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complained += text;
    });
    const ended = once(child, 'close').then(([code, signal]) => {
      this.#running.delete(child);
      return { code: code ?? signal, said, complained };
    });
    return { child, ended };
  }
}

export interface WalkNode {
  readonly port: number;
  /** A client of go-websocket that knows its clientId. */
  join(): Promise<WsClient>;
  kill(): Promise<void>;
}

async function joinAsJson(node: { readonly ws: string }): Promise<WsClient> {
  const client = await connect(node as unknown as TestNode, 'json');
  const hello = await client.next((frame) => frame.type === 'hello', 'a first frame');
  client.clientId = (hello.body['data'] as { readonly clientId: string }).clientId;
  return client;
}

export async function openMachine(t: Scope, env: Readonly<Record<string, string>>): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-walk-'));
  const machine = new Machine(folder, env);
  t.after(async () => {
    machine.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return machine;
}

/** Ports whose RPC has its usual port, 1000 above, free too. */
export async function walkPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = await freePort();
    const isApart = [...ports].every((other) => Math.abs(other - port) !== 1000);
    if (isApart && (await isFree(port + 1000))) ports.add(port);
  }
  return [...ports];
}

export async function serveAll(machine: Machine, count: number, config: string, ...more: readonly string[]) {
  const ports = await walkPorts(count);
  return Promise.all(ports.map((port, at) => machine.serve(port, config, `node-${at}`, ...more)));
}

/** What a node says of itself, as far as it is looked at here. */
interface Seen {
  readonly state: string;
  readonly connections: number;
  readonly health: { readonly verdict: string };
  readonly cluster: { readonly bus: { readonly engine: string; readonly up: boolean } };
}

const isWell = ({ code, said, complained }: Ended) => assert.equal(code, 0, `${said}${complained}`);

async function nodesSeenBy(machine: Machine, port: string): Promise<readonly Seen[]> {
  const list = await machine.type('node', 'ls', '-o', 'ndjson', '-s', port);
  // 7 while one that is listed does not answer.
  if (list.code !== 7) isWell(list);
  return list.said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Seen);
}

/** The README's walk, once its nodes serve: each command is typed to another node than it is about. The last node dies in the end. */
export async function walk(machine: Machine, nodes: readonly WalkNode[], engine: string): Promise<void> {
  const ports = nodes.map(({ port }) => String(port));
  const [first = '', second = ''] = ports;
  const last = ports.at(-1) ?? '';
  await eventually(
    'all nodes are listed, and well',
    async () => {
      const seen = await nodesSeenBy(machine, first);
      return seen.length === nodes.length && seen.every(({ state, cluster }) => state === 'serving' && cluster.bus.up);
    },
    30_000,
  );
  for (const { state, cluster } of await nodesSeenBy(machine, last)) {
    assert.deepEqual([state, cluster.bus.engine], ['serving', engine]);
  }
  isWell(await machine.type('node', 'ping', '-s', second));

  const bob = machine.type('connect', '--uid', 'bob', '-s', last, '--expect', 'hello', '--exit-after', '60s');
  const isThere = async () => (await machine.type('user', 'online', 'bob', '-s', first)).code === 0;
  await eventually('bob is there', isThere, 30_000);
  assert.equal((await machine.type('send', '--uid', 'bob,nobody', 'good morning', '-s', first)).code, 7);
  isWell(await machine.type('send', '--uid', 'bob', 'hello', '-s', first));
  isWell(await bob);
  await eventually('bob has gone', async () => !(await isThere()), 30_000);
  assert.equal((await machine.type('send', '--uid', 'bob', 'hello', '-s', first)).code, 3);

  const clients = await Promise.all(nodes.map((node) => node.join()));
  const ids = clients.map(({ clientId }) => clientId);
  isWell(await machine.type('group', 'join', 'news', ...ids, '-s', first));
  isWell(await machine.type('send', '--group', 'news', 'news', '-s', second));
  isWell(await machine.type('send', '--all', 'hello, all of you', '-s', last));
  for (const client of clients) {
    await client.message(({ data }) => data === 'news');
    await client.message(({ data }) => data === 'hello, all of you');
  }
  for (const port of ports) {
    const stats = await machine.type('stats', '--json', '-s', port);
    isWell(stats);
    const { nodes: seen, missingNodes } = JSON.parse(stats.said) as { nodes: readonly Seen[]; missingNodes: string[] };
    assert.deepEqual([seen.map(({ connections }) => connections), missingNodes], [nodes.map(() => 1), []]);
  }

  await nodes.at(-1)?.kill();
  await eventually(
    'the others list themselves alone',
    async () => (await nodesSeenBy(machine, first)).length === nodes.length - 1,
    20_000,
  );
  isWell(await machine.type('send', '--group', 'news', 'the end', '-s', first));
  for (const client of clients.slice(0, -1)) {
    await client.message(({ data }) => data === 'the end');
    assert.equal(client.ended, undefined);
  }
}
