import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ChildNodeOptions, startChildNode } from './child-node.ts';
import { eventually } from './eventually.ts';
import type { TestNode } from './node.ts';
import { join, type WsClient } from './ws-clients.ts';

export interface WorkerNodeOptions {
  readonly workers?: number;
  /** Flags of `serve`. */
  readonly serve?: readonly string[];
  readonly child?: Omit<ChildNodeOptions, 'serve'>;
}

/** A supervisor and its workers, in processes of their own; they and their clients end with the test. */
export async function startWorkers(t: TestContext, { workers = 2, serve = [], child = {} }: WorkerNodeOptions = {}) {
  const flags = ['--workers', String(workers), '--set', 'drain.grace=0s', ...serve];
  const node = await startChildNode(t, { ...child, serve: flags });
  const url = `http://127.0.0.1:${node.port}`;
  const ws = `ws://127.0.0.1:${node.port}`;
  const clients: WsClient[] = [];
  t.after(() => {
    for (const client of clients) client.ws.terminate();
  });
  const nodes = async () => (await node.admin.stats()).nodes;
  const connect = async (dialect: 'json' | 'yunque', bind?: Readonly<Record<string, string>>): Promise<WsClient> => {
    const client = await join({ ...node, ws, url } as unknown as TestNode, dialect, bind === undefined ? {} : { bind });
    clients.push(client);
    return client;
  };
  return {
    ...node,
    url,
    ws,
    /** Statistics of each worker that answers. */
    nodes,
    connect,
    /** Clients of the dialect `json`, as many as it takes until every worker has some. */
    async crowd(least = 10): Promise<WsClient[]> {
      const crowd: WsClient[] = [];
      do {
        assert.ok(crowd.length < 1000, 'the kernel gives a worker nothing');
        for (let n = 0; n < least; n += 1) crowd.push(await connect('json'));
      } while ((await nodes()).some(({ connections }) => connections === 0));
      return crowd;
    },
    /** Two logins of one user, the second on another worker than the first; those before it are closed. */
    async onTwoWorkers(bind: Readonly<Record<string, string>>): Promise<[WsClient, WsClient]> {
      let first = await connect('yunque', bind);
      for (let n = 1; n < 200; n += 1) {
        const other = await connect('yunque', bind);
        if (nodeOf(other) !== nodeOf(first)) return [first, other];
        first = other;
      }
      throw new Error('the kernel gave one worker all connections');
    },
    whenNodes: (count: number) =>
      eventually(
        `${count} workers serve`,
        async () => {
          const all = await nodes().catch(() => []);
          return all.filter(({ state }) => state === 'serving').length === count;
        },
        30_000,
      ),
  };
}

export type WorkerNode = Awaited<ReturnType<typeof startWorkers>>;

/** The lease of the worker in a cid. */
export function nodeOf(client: WsClient): number {
  return Math.floor(Number(client.cid) / 2 ** 32);
}

export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
