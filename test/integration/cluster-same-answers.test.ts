import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type RouteRow, routeRows } from '../support/access-routes.ts';
import { type ClusterProcess, serversFor, startCluster, type TestCluster } from '../support/cluster-process.ts';
import { ask } from '../support/http-request.ts';
import type { WsClient } from '../support/ws-clients.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** What is of the node that was asked, by its reason: what it is, what it has of its own, or what is not of the cluster. */
const ofOneNode: Readonly<Record<string, string>> = {
  'GET /admin/v1/version': 'names the node that answers',
  'GET /metrics': 'counts of this process',
  'GET /admin/v1/events': 'a stream',
  'GET /admin/v1/tail': 'a stream',
  'POST /admin/v1/stop': 'stops the node that is asked',
  'POST /admin/v1/heap-snapshot': 'of this process',
  'POST /admin/v1/reload': 'of this process',
};

/** Names, numbers and times that each request makes anew. */
const changing =
  /^(messageId|time|uptimeSeconds|ageSeconds|idleSeconds|connectedSeconds|seq|from|ms|key|token|requestId)$/;
/** Figures of processes. */
const measured = new Set(['/admin/v1/stats', '/admin/v1/snapshot', '/admin/v1/nodes']);

interface Place {
  readonly clientId: string;
  /** Of the user. */
  readonly otherId: string;
  readonly nodeId: string;
  readonly keyId: string;
  readonly demoToken: string;
  readonly unused: () => string;
}

/** The same everywhere: a client of go-websocket on the first node, alice on the second, both in `team`; what requests have changed is made again. */
class Scene {
  readonly #cluster: TestCluster;
  #names = 0;
  #client: WsClient | undefined;
  #alice: WsClient | undefined;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  async restore(): Promise<Place> {
    const { admin } = this.#cluster.node(0);
    await Promise.all([this.#client?.close(), this.#alice?.close()].filter((end) => end !== undefined)).catch(() => {});
    // With all its keys.
    await admin.removeSystem('doomed').catch(() => {});
    for (const system of ['shop', 'doomed']) await admin.addSystem(system).catch(() => {});
    await admin.unban('alice', { system: 'shop' });
    await admin.ban('mallory', { system: 'shop', forMs: 3_600_000 });
    const { info } = await admin.rotateKey({ owner: 'system', system: 'doomed', role: 'read', now: true });
    this.#client = await this.#cluster.node(0).join('json', { system: 'shop' });
    const bind = { uid: 'alice', channel: 'web', deviceId: 'd' };
    this.#alice = await this.#cluster.node(1).join('yunque', { system: 'shop', bind });
    await admin.removeGroup('more', { system: 'shop' }).catch(() => {});
    await admin.join('team', { system: 'shop', ids: [this.#client.clientId] });
    const { clientId: otherId = '' } = await admin.connection(this.#alice.cid, { system: 'shop' });
    return {
      ...{
        otherId,
        clientId: this.#client.clientId,
        keyId: info.id,
        demoToken: 'none',
        nodeId: this.#cluster.node(2).id,
      },
      unused: () => {
        this.#names += 1;
        return `unused-${this.#names}`;
      },
    };
  }
}

/** Status and body, without what each answer has of its own. `place`: whose ids change from one time to the next. */
async function answerOf(node: ClusterProcess, row: RouteRow, place: Place): Promise<unknown> {
  const { path, body } = row.ask(place);
  const [method = 'GET'] = row.route.split(' ');
  const headers = { SystemId: 'shop', ...(body !== undefined && { 'Content-Type': 'application/json' }) };
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await ask(0, path, { method, headers, body: text, socketPath: node.socketPath });
  let said: unknown = answer.text;
  try {
    said = JSON.parse(answer.text);
  } catch {}
  return { status: answer.status, said: plain(said, place) };
}

function plain(value: unknown, place: Place): unknown {
  const names = [
    [place.clientId, 'CLIENT'],
    [place.otherId, 'OTHER'],
    [place.keyId, 'KEY'],
  ] as const;
  const each = (key: string, found: unknown) => {
    if (changing.test(key)) return undefined;
    // A time, or a number made of one.
    if (typeof found === 'number' && (found > 1e12 || /(At|Ms|Until|cid)$/i.test(key))) return 0;
    if (typeof found !== 'string') return found;
    if (/^(cid|id)$/.test(key) && /^\d+$/.test(found)) return 'CID';
    // Of a key that the request has made.
    if (key === 'id' && /^[a-z0-9]{10}$/.test(found)) return 'KEY';
    return names
      .reduce((text, [id, name]) => (id === '' ? text : text.replaceAll(id, name)), found)
      .replace(/unused-\d+/g, 'UNUSED');
  };
  return JSON.parse(JSON.stringify(value, each));
}

/** Nodes and what is missing; figures of a process move between two questions. */
function shapeOf(said: unknown): unknown {
  const { stats } = said as { readonly stats?: unknown };
  if (stats !== undefined) return { ...(said as object), stats: shapeOf(stats) };
  const { nodes, items, missingNodes, total, totals } = said as Readonly<Record<string, unknown>>;
  const rows = (nodes ?? items ?? [said]) as readonly Readonly<Record<string, unknown>>[];
  const facts = rows.map(({ node, state, version, connections, users, groups, addresses, rpcAddress }) => {
    return { node, state, version, connections, users, groups, addresses, rpcAddress };
  });
  return { facts, missingNodes, total, totals };
}

describe('every node of a cluster answers the same', () => {
  const endings: (() => unknown)[] = [];
  let cluster: TestCluster;
  let scene: Scene;
  before(async () => {
    const scope = { after: (end: () => unknown) => void endings.push(end) };
    const { redis, env } = await serversFor(scope, 'redis');
    cluster = await startCluster(scope, { redis, env, nodes: 3 });
    scene = new Scene(cluster);
  });
  after(async () => {
    for (const end of endings.reverse()) await end();
  });

  for (const row of routeRows) {
    if (ofOneNode[row.route] !== undefined) continue;
    test(row.route, async () => {
      const answers: unknown[] = [];
      for (const node of cluster.nodes) {
        const answer = (await answerOf(node, row, await scene.restore())) as { status: number; said: unknown };
        const [path = ''] = row.ask(await scene.restore()).path.split('?');
        const isMeasured = [...measured].some((prefix) => path.startsWith(prefix)) && !path.endsWith('/ping');
        answers.push(isMeasured ? { ...answer, said: shapeOf(answer.said) } : answer);
      }
      for (const answer of answers.slice(1)) assert.deepEqual(answer, answers[0]);
      // Without demo accounts there is nobody to log in.
      const { status } = answers[0] as { status: number };
      assert.ok(status < 300 || row.need === 'login', JSON.stringify(answers[0]));
    });
  }

  test('and so do the commands that list, with --json', async () => {
    await scene.restore();
    const run = async (node: ClusterProcess, words: string) => {
      const args = [main, ...words.split(' '), '--json', '-s', node.socketPath];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { PATH: process.env['PATH'] ?? '' },
      });
      return stdout;
    };
    const place = { clientId: '-', otherId: '-', keyId: '-', nodeId: '', demoToken: '', unused: () => '' };
    for (const words of [
      'client ls',
      'user ls',
      'group ls',
      'system ls',
      'key ls',
      'node ls',
      'group members team --system shop',
    ]) {
      const answers: unknown[] = [];
      for (const node of cluster.nodes) {
        const lines = (await run(node, words))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown);
        answers.push(words === 'node ls' ? lines.map(shapeOf) : plain(lines, place));
      }
      for (const answer of answers.slice(1)) assert.deepEqual(answer, answers[0], words);
    }
  });
});
