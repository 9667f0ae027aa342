import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { type ClusterProcess, serversFor, startCluster, type TestCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { goWebsocketSite, shippedSite } from '../support/nginx-site.ts';
import { startNginx } from '../support/services/nginx.ts';
import { WsClient } from '../support/ws-clients.ts';

/** As go-websocket's clients connect, wherever that leads. */
async function openClient(t: TestContext, front: number, system = 'default'): Promise<WsClient> {
  const ws = new WebSocket(`ws://127.0.0.1:${front}/ws?systemId=${system}`);
  t.after(() => ws.terminate());
  const client = new WsClient(ws, 'json', true);
  const hello = await client.next(({ type }) => type === 'hello', 'a first frame');
  client.clientId = (hello.body['data'] as { clientId: string }).clientId;
  return client;
}

const openClients = (t: TestContext, front: number, count: number) =>
  Promise.all(Array.from({ length: count }, () => openClient(t, front)));

async function clusterOf(t: TestContext, nodes: number, set: readonly string[]): Promise<TestCluster> {
  const { redis, env } = await serversFor(t, 'redis');
  return startCluster(t, { nodes, redis, env, set });
}

const portsOf = ({ nodes }: TestCluster) => nodes.map(({ port }) => port) as [number, number, number];

/** What each node that runs says of all connections of the cluster. */
async function totals({ nodes }: TestCluster): Promise<readonly number[]> {
  const running = nodes.filter(({ isRunning }) => isRunning);
  const all = await Promise.all(running.map((node) => node.admin.stats()));
  return all.map((stats) => stats.nodes.reduce((sum, { connections }) => sum + connections, 0));
}

async function operatorKeyOf(node: ClusterProcess): Promise<string> {
  return (await readFile(join(node.dataDirectory, '..', 'yunque', `${node.port}.key`), 'utf8')).trim();
}

describe('nginx in front of a cluster', { timeout: 180_000 }, () => {
  it('clients are reached from every node, wherever nginx put them, and again after theirs was killed', async (t) => {
    // Pushes of this test come from this machine without a proxy, which is what auth.trustLoopback allows.
    const cluster = await clusterOf(t, 3, []);
    const [first, second, third] = portsOf(cluster);
    const { port } = await startNginx(t, shippedSite(first, second, third));
    const clients = await openClients(t, port, 9);
    const reachAll = async (among: readonly WsClient[], word: string) => {
      for (const node of cluster.nodes.filter(({ isRunning }) => isRunning)) {
        const text = `${word} from ${node.port}`;
        for (const { clientId } of among) {
          const push = { clientId, sendUserId: 'u9', code: 0, msg: text, data: {} };
          const { body } = await node.post('/api/send_to_client', push);
          assert.equal(body['code'], 0, JSON.stringify(body));
        }
        for (const client of among) await client.message(({ msg }) => msg === text);
      }
    };
    await reachAll(clients, 'hello');
    assert.deepEqual(await totals(cluster), [9, 9, 9]);

    await cluster.node(0).kill();
    await eventually('its clients know', () => clients.filter(({ ended }) => ended !== undefined).length === 3);
    const staying = clients.filter(({ ended }) => ended === undefined);
    const back = await openClients(t, port, 3);
    await reachAll([...staying, ...back], 'again');
    await eventually('every count is right', async () => (await totals(cluster)).every((total) => total === 9), 9000);

    await cluster.node(0).start();
    await cluster.whenWhole();
    const more = await openClients(t, port, 4);
    await reachAll(more, 'and from the one that is back');
    assert.deepEqual(await totals(cluster), [13, 13, 13]);
  });

  it("go-websocket's example: /api through nginx reaches clients on either node, with the system's key", async (t) => {
    const cluster = await clusterOf(t, 2, ['auth.trustLoopback=false']);
    const [first, second] = portsOf(cluster);
    const { port, url } = await startNginx(t, goWebsocketSite(first, second));
    const call = async (path: string, body: unknown, key: string) => {
      const headers = { SystemId: 'shop', Authorization: `Bearer ${key}` };
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, ...((await response.json()) as { code: number; data: unknown }) };
    };
    const operator = await operatorKeyOf(cluster.node(0));
    const registered = await fetch(`${cluster.node(0).url}/api/register`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${operator}` },
      body: JSON.stringify({ systemId: 'shop' }),
    });
    assert.equal(((await registered.json()) as { code: number }).code, 0);
    const { key } = await cluster.node(0).admin.rotateKey({ owner: 'system', system: 'shop', role: 'push' });

    const clients = await Promise.all(Array.from({ length: 4 }, () => openClient(t, port, 'shop')));
    // Requests go to the nodes in turn, so each client is named at either.
    for (const turn of [1, 2, 3]) {
      for (const { clientId } of clients) {
        const push = { clientId, sendUserId: 'u9', code: 0, msg: `turn ${turn}`, data: {} };
        assert.equal((await call('/api/send_to_client', push, key)).code, 0);
      }
      for (const client of clients) await client.message(({ msg }) => msg === `turn ${turn}`);
    }
    for (const [index, { clientId }] of clients.entries()) {
      const bind = { clientId, groupName: 'hall', userId: `u${index}`, extend: '' };
      assert.equal((await call('/api/bind_to_group', bind, key)).code, 0);
    }
    assert.equal((await call('/api/send_to_group', { groupName: 'hall', code: 0, msg: 'all', data: {} }, key)).code, 0);
    for (const client of clients) await client.message(({ msg }) => msg === 'all');
    for (const _ of [1, 2]) {
      const { data } = await call('/api/get_online_list', { groupName: 'hall' }, key);
      assert.equal((data as { count: number }).count, 4);
    }
    assert.equal((await call('/api/get_online_list', { groupName: 'hall' }, 'wrong')).status, 403);
  });
});
