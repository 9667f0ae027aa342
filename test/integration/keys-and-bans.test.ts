import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { NodeEvent } from '../../src/api/event.ts';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { connect, join } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';
import { cli } from '../unit/cli/run-cli.ts';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return joinPath(folder, 'data');
}

/** Gone with the test at the latest, also where it fails half way. */
async function start(t: TestContext, dataDirectory: string): Promise<TestNode> {
  const node = await startTestNode({ dataDirectory });
  t.after(() => node[Symbol.asyncDispose]());
  return node;
}

/** As the operator of this machine types it. */
function run({ node }: TestNode, ...args: string[]) {
  return cli([...args, '-s', `unix:${node.operator.socketFile}`]);
}

async function eventsOf({ admin }: TestNode, type: NodeEvent['type'], count: number): Promise<NodeEvent[]> {
  const events: NodeEvent[] = [];
  for await (const item of admin.events({ backlog: 1000, types: [type] })) {
    if (item.type === 'event') events.push(item.event);
    if (events.length === count) break;
  }
  return events;
}

test('keys made at the command line are there after a restart, as digests, until they are removed', async (t) => {
  const dataDirectory = await folderFor(t);
  const first = await start(t, dataDirectory);
  await run(first, 'system', 'add', 'shop');
  const made = [
    await run(first, 'system', 'rotate-key', 'shop', '--ttl', '90d'),
    await run(first, 'key', 'rotate', '--operator', '--role', 'read'),
    await run(first, 'system', 'rotate-key', 'shop'),
    await run(first, 'system', 'rotate-key', 'shop'),
  ];
  for (const { exit, out, err } of made) {
    assert.equal(exit, 0, err);
    assert.match(out, /^yq_[a-z0-9]{10}_[\w-]{43}\n$/);
  }
  const ids = made.map(({ out }) => out.slice(3, 13));
  assert.match(made[3]?.err ?? '', new RegExp(`${ids[2]}, made .*stays valid[^]*no longer valid: ${ids[0]}\n`));
  const rotated = await eventsOf(first, 'key_rotated', 4);
  assert.deepEqual(
    rotated.map((event) => 'keyId' in event && event.keyId),
    ids,
  );
  await first[Symbol.asyncDispose]();

  for (const name of await readdir(dataDirectory)) {
    const bytes = await readFile(joinPath(dataDirectory, name));
    for (const { out } of made) assert.equal(bytes.includes(out.trim().slice(14)), false, name);
  }

  const second = await start(t, dataDirectory);
  const listed = async (...args: string[]) =>
    JSON.parse((await run(second, 'key', 'ls', '--sort', 'createdAt', '--json', ...args)).out).items;
  assert.deepEqual(
    (await listed()).map(({ id }: { id: string }) => id),
    [ids[1], ids[2], ids[3]],
  );
  assert.deepEqual((await listed('-S', 'shop')).length, 2);
  assert.equal((await run(second, 'key', 'rm', ids[1] ?? '', '--yes')).exit, 0);
  assert.equal((await run(second, 'key', 'rm', ids[1] ?? '', '--yes')).exit, 1);
  await assert.rejects(second.admin.removeKey('nope'), refusal('unknown_key'));
  await run(second, 'system', 'rm', 'shop', '--yes');
  assert.deepEqual(await listed(), []);
  assert.equal((await run(second, 'system', 'rotate-key', 'shop')).exit, 1);
});

test('a key opens its own system from anywhere, two of them while rotating; what was removed opens nothing', async (t) => {
  const node = await start(t, await folderFor(t));
  await run(node, 'system', 'add', 'shop');
  /** As through a proxy: nobody is trusted for its address. */
  const ask = async (path: string, key?: string, system?: string) => {
    const headers = { 'X-Forwarded-For': '203.0.113.9', ...(key && { Authorization: `Bearer ${key}` }) };
    const body = JSON.stringify({ action: 'x' });
    const named = { ...headers, ...(system !== undefined && { SystemId: system }) };
    const answer = await fetch(`${node.url}${path}`, { method: 'POST', headers: named, body });
    await answer.body?.cancel();
    return answer.status;
  };
  const push = (key?: string, system?: string) => ask('/send/all', key, system);
  const rotate = async (...args: string[]) => (await run(node, 'system', 'rotate-key', 'shop', ...args)).out.trim();
  assert.equal(await push(undefined, 'shop'), 403);
  const [first, reader] = [await rotate(), await rotate('--role', 'read')];
  assert.equal(await push(first, 'shop'), 200);
  assert.equal(await push(first), 200);
  assert.equal(await push(first, 'default'), 403);
  assert.equal(await push(reader, 'shop'), 403);
  assert.equal(await ask('/admin/v1/send', first), 403);
  const second = await rotate();
  assert.deepEqual([await push(first), await push(second)], [200, 200]);
  const third = await rotate();
  assert.deepEqual([await push(first), await push(second), await push(third)], [401, 200, 200]);
  const fourth = await rotate('--now');
  assert.deepEqual([await push(second), await push(third), await push(fourth)], [401, 401, 200]);
  await run(node, 'key', 'rm', fourth.slice(3, 13), '--yes');
  assert.equal(await push(fourth), 401);
  // Without keys again, this machine is not trusted with it again; other systems never changed.
  const local = (system: string) => post(node, '/send/all', { action: 'x' }, system);
  assert.equal((await local('shop')).status, 401);
  assert.equal((await local('default')).status, 200);
  await run(node, 'system', 'rm', 'shop', '--yes');
  await run(node, 'system', 'add', 'shop');
  assert.equal((await local('shop')).status, 200);
});

test('a banned user is closed in every dialect and cannot come back, here and after a restart, until it is let in', async (t) => {
  const dataDirectory = await folderFor(t);
  const bound = dialectNames.filter((dialect) => dialect !== 'json');
  // Tabs of one browser, so that none displaces another.
  const bind = { uid: 'alice', channel: 'web', deviceId: 'browser' };
  const first = await start(t, dataDirectory);
  const clients = await Promise.all(bound.map((dialect) => join(first, dialect, { bind })));
  const bystander = await join(first, 'yunque', { bind: { uid: 'bob', channel: 'web', deviceId: 'b' } });
  const ban = await run(first, 'user', 'ban', 'alice', '--for', '1h', '--reason', 'spam', '--json');
  assert.equal(ban.exit, 0, ban.err);
  const { until, closed } = JSON.parse(ban.out);
  assert.equal(closed, bound.length);
  const words = /^banned until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: spam$/;
  for (const client of clients) {
    const { code, reason } = await client.closed;
    assert.equal(code, 4503);
    assert.match(reason, words);
  }

  const cannotCome = async (node: TestNode) => {
    for (const dialect of bound) {
      const client = await connect(node, dialect);
      client.send(writeRequest(dialect, 'client_bind', bind));
      const refusal = await client.reply('client_handshake');
      assert.equal(refusal.body['code'], '401');
      assert.match(String(refusal.body['message']), words);
      assert.equal((await client.closed).code, 4503, dialect);
      assert.equal(client.frames.filter(({ body }) => body['key'] === 'client_bind').length, 0, dialect);
    }
    await assert.rejects(node.admin.user('alice'), refusal('unknown_user'));
  };
  await cannotCome(first);
  assert.equal(bystander.ended, undefined);
  const [banned] = await eventsOf(first, 'banned', 1);
  assert.deepEqual(banned && 'until' in banned && [banned.uid, banned.until, banned.reason], ['alice', until, 'spam']);
  await first[Symbol.asyncDispose]();

  const second = await start(t, dataDirectory);
  await cannotCome(second);
  const { items } = JSON.parse((await run(second, 'user', 'bans', '--json')).out);
  assert.deepEqual(items, [{ system: 'default', uid: 'alice', until, reason: 'spam' }]);
  assert.equal((await run(second, 'user', 'unban', 'alice')).exit, 0);
  assert.equal((await run(second, 'user', 'unban', 'alice')).exit, 3);
  const back = await join(second, 'cim', { bind });
  assert.equal((await second.admin.user('alice')).connections, 1);
  await back.close();
});

test('whoever follows the events with a key stops with it', async (t) => {
  const node = await start(t, await folderFor(t));
  const made = await Promise.all([1, 2].map(() => node.admin.rotateKey({ owner: 'operator', role: 'read' })));
  const readers = await Promise.all(
    made.map(async ({ key }) => {
      const answer = await fetch(`${node.url}/admin/v1/events`, { headers: { authorization: `Bearer ${key}` } });
      assert.equal(answer.status, 200);
      const reader = { isEnded: false, text: '' };
      (async () => {
        for await (const chunk of answer.body ?? []) reader.text += Buffer.from(chunk).toString();
        reader.isEnded = true;
      })().catch(() => {});
      return reader;
    }),
  );
  const [first, second] = readers;
  await node.admin.removeKey(made[0]?.info.id ?? '');
  await eventually('the first has ended', () => first?.isEnded === true);
  await node.admin.addSystem('later');
  await eventually('the second goes on', () => second?.text.includes('"later"') === true);
  assert.doesNotMatch(first?.text ?? '', /later/);
});
