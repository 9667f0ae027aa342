import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { DoorFigures } from '../../src/api/stats.ts';
import { type ClusterProcess, startCluster } from '../support/cluster-process.ts';
import {
  type DoorKind,
  type DoorServers,
  doorKinds,
  doorServers,
  fourDoors,
  loadPubProto,
  openPublishers,
} from '../support/door-publishers.ts';
import { eventually } from '../support/eventually.ts';
import type { WsClient } from '../support/ws-clients.ts';

async function startNodes(t: TestContext, servers: DoorServers, doorsOf: (index: number) => string) {
  const { hostname, port } = new URL(servers.redis);
  return startCluster(t, {
    nodes: 3,
    redis: { host: hostname, port: Number(port || 6379) },
    set: ['groups.notices=false'],
    env: { YUNQUE_TOPIC: servers.topic },
    envOf: (index) => ({ YUNQUE_DOORS: doorsOf(index) }),
  });
}

async function doorsOf(node: ClusterProcess): Promise<readonly DoorFigures[]> {
  return (await node.admin.node(node.id)).doors ?? [];
}

/** Each door of the nodes reads somewhere, and stands by elsewhere. */
async function whenRead(nodes: readonly ClusterProcess[]): Promise<void> {
  const states = async (kind: DoorKind) =>
    (await Promise.all(nodes.map(doorsOf))).map((doors) => doors.find((door) => door.kind === kind)?.state);
  for (const kind of doorKinds) {
    let seen: readonly (string | undefined)[] = [];
    await eventually(
      `${kind} is read`,
      async () => {
        seen = await states(kind);
        return seen.includes('reading') && seen.every((state) => state === 'reading' || state === 'standby');
      },
      30_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${seen.join(', ')}`);
    });
  }
}

const bind = (uid: string, deviceId: string, channel = 'web') => ({ bind: { uid, channel, deviceId } });
const titles = (client: WsClient) => client.messages.map(({ title }) => String(title));

test('what is published to any door reaches the devices on whichever node they are, each once, and nobody else; a push over HTTP that is sent again to another node as well', async (t) => {
  const servers = await doorServers(t);
  const [cluster, publishers, encode] = await Promise.all([
    startNodes(t, servers, () => fourDoors(servers)),
    openPublishers(t, servers),
    loadPubProto(),
  ]);
  const [a, b, c] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  const [phone, browser, bob] = await Promise.all([
    a.join('yunque', bind('alice', 'phone', 'android')),
    c.join('cim', bind('alice', 'browser')),
    b.join('yunque', bind('bob', 'desk')),
  ]);
  const member = await b.join('json');
  await c.admin.join('news', { system: 'default', ids: [member.ref] });
  await whenRead(cluster.nodes);
  const big = '9007199254740993';
  for (const kind of doorKinds) {
    const content = { text: kind };
    await publishers[kind].publish([
      encode({ Uid: 'alice', msg: [{ id: big, action: 'chat', title: `${kind}-alice`, content }] }),
      encode({ Uid: 'news', act: 7, msg: [{ action: 'chat', title: `${kind}-room`, content }] }),
      encode({ act: 0, msg: [{ action: 'chat', title: `${kind}-all`, content }] }),
    ]);
  }
  const everything = (name: string) => doorKinds.map((kind) => `${kind}-${name}`);
  for (const client of [phone, browser, bob]) await client.until(() => allOf(client, everything('all')), 'all of them');
  for (const client of [phone, browser]) await client.until(() => allOf(client, everything('alice')), 'hers');
  await member.until(() => (member.messages.length >= 2 * doorKinds.length ? true : undefined), 'to the room, and all');
  assert.deepEqual(titles(bob).toSorted(), everything('all').toSorted());
  assert.deepEqual(titles(phone).toSorted(), [...everything('alice'), ...everything('all')].toSorted());
  assert.deepEqual(titles(browser).toSorted(), titles(phone).toSorted());
  assert.equal(member.messages.length, 2 * doorKinds.length);
  const first = phone.messages.find(({ title }) => title === 'stream-alice');
  assert.equal(String(first?.['id']), big);
  const again = { 'Idempotency-Key': 'a-retry' };
  const push = { receiver: 'bob', action: 'chat', title: 'once' };
  const answers = [await a.post('/send', push, again), await b.post('/send', push, again)];
  assert.deepEqual(answers[1], answers[0]);
  assert.equal((await c.post('/send', { ...push, title: 'other' }, again)).status, 409);
  assert.equal(titles(bob).filter((title) => title === 'once').length, 1);
  const counted = (await Promise.all(cluster.nodes.map(doorsOf))).flat();
  for (const kind of ['stream', 'kafka', 'rabbitmq']) {
    const records = counted.filter((door) => door.kind === kind).reduce((sum, door) => sum + door.records, 0);
    assert.equal(records, 3, `${kind} is handed on by one node`);
  }
});

function allOf(client: WsClient, wanted: readonly string[]): true | undefined {
  const got = new Set(titles(client));
  return wanted.every((title) => got.has(title)) ? true : undefined;
}

test('kill -9 of the node that reads, in the middle of a stream, loses nothing and keeps the order', async (t) => {
  const servers = await doorServers(t);
  const readers = [0, 1];
  const kinds = ['stream', 'kafka', 'rabbitmq'] as const;
  const [cluster, publishers, encode] = await Promise.all([
    startNodes(t, servers, (index) => (readers.includes(index) ? fourDoors(servers) : '[]')),
    openPublishers(t, servers),
    loadPubProto(),
  ]);
  const alice = await cluster.node(2).join('yunque', bind('alice', 'phone', 'android'));
  await whenRead(readers.map((index) => cluster.node(index)));
  const total = 600;
  const record = (kind: string, number: number) =>
    encode({ Uid: 'alice', msg: [{ action: 'chat', title: `${kind} ${number}` }] });
  const publishing = kinds.map(async (kind) => {
    for (let number = 0; number < total; number += 10) {
      await publishers[kind].publish(Array.from({ length: 10 }, (_, at) => record(kind, number + at)));
      await delay(20);
    }
  });
  const got = (kind: string) => titles(alice).filter((title) => title.startsWith(`${kind} `));
  const victims = await Promise.all(
    readers.map(async (index) => ({ index, doors: await doorsOf(cluster.node(index)) })),
  );
  const most = victims.toSorted((x, y) => countReading(y.doors) - countReading(x.doors))[0];
  assert.ok(most !== undefined && countReading(most.doors) > 0);
  await eventually('all are under way', () => kinds.every((kind) => got(kind).length > total / 10));
  await cluster.node(most.index).kill();
  await Promise.all(publishing);
  for (const kind of kinds) {
    await eventually(`all of ${kind}`, () => new Set(got(kind)).size === total, 60_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${new Set(got(kind)).size} of ${total}`);
    });
    const numbers = got(kind).map((title) => Number(title.slice(kind.length + 1)));
    const firsts = [...new Set(numbers)];
    assert.deepEqual(
      firsts,
      Array.from({ length: total }, (_, n) => n),
      `${kind}: the first of each in order`,
    );
    t.diagnostic(`${kind}: ${numbers.length - total} of ${total} came twice`);
    assert.ok(numbers.length - total <= total / 2, `${kind}: ${numbers.length - total} came twice`);
  }
});

const countReading = (doors: readonly DoorFigures[]) =>
  doors.filter(({ kind, state }) => kind !== 'channel' && state === 'reading').length;
