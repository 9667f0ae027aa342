import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, test } from 'node:test';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { join } from '../support/ws-clients.ts';

type Line = Readonly<Record<string, unknown>>;

const fileOf = ({ dataDirectory }: TestNode) => joinPath(dataDirectory, 'audit.jsonl');
const textOf = (node: TestNode) => (existsSync(fileOf(node)) ? readFileSync(fileOf(node), 'utf8') : '');

/** All lines, once there are so many; without what differs from run to run. */
async function linesOf(node: TestNode, count: number): Promise<Line[]> {
  await eventually(`${count} lines`, () => textOf(node).split('\n').length > count);
  return textOf(node)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { time, node: id, ...rest } = JSON.parse(line) as Line;
      assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000 && id === node.node.nodeId, line);
      return rest;
    });
}

const bySocket = { by: { kind: 'operator', role: 'admin', by: 'socket' } };
const byPeer = { by: { kind: 'trusted-peer' }, remoteAddress: '127.0.0.1' };

describe('the audit log of a node', { timeout: 60_000 }, () => {
  test('says who changed what over every HTTP family, with what came of it; pushes and questions are not in it', async () => {
    await using node = await startTestNode({ set: ['systems.list=shop'] });
    const client = await join(node, 'json', { system: 'shop' });
    await join(node, 'yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd' } });
    await node.admin.send({ target: { to: 'system' }, push: { msg: 'the message' } });
    await node.admin.connections();
    await post(node, '/api/send_to_client', { clientId: client.clientId, data: 'the body' }, 'shop');

    await post(node, '/api/register', { systemId: 'bank' });
    const group = { clientId: client.clientId, groupName: 'g', userId: 'label', extend: 'free text' };
    await post(node, '/api/bind_to_group', group, 'shop');
    await post(node, '/room/join', { room: 'r', uids: ['alice', 'bob'] });
    await node.admin.kickUser('alice', { reason: 'spam' });
    await assert.rejects(node.admin.removeSystem('nowhere'), refusal('unknown_system'));

    assert.deepEqual(await linesOf(node, 5), [
      { ...byPeer, action: 'addSystem', system: 'bank', outcome: 'ok', result: {} },
      {
        ...byPeer,
        action: 'join',
        system: 'shop',
        group: 'g',
        members: { by: 'connections', ids: [client.clientId] },
        outcome: 'ok',
        result: { matched: 1, changed: 1, unknown: 0 },
      },
      {
        ...byPeer,
        action: 'join',
        system: 'default',
        group: 'r',
        members: { by: 'users', uids: ['alice', 'bob'] },
        outcome: 'ok',
        result: { matched: 1, changed: 1, unknown: 1 },
      },
      {
        ...bySocket,
        action: 'kick',
        system: 'default',
        target: { to: 'users', uids: ['alice'] },
        reason: 'spam',
        outcome: 'ok',
        result: { matched: 1, closed: 1 },
      },
      { ...bySocket, action: 'removeSystem', system: 'nowhere', outcome: 'unknown_system' },
    ]);
    assert.doesNotMatch(textOf(node), /the message|the body|free text/);
    assert.equal(statSync(fileOf(node)).mode & 0o777, 0o600);
  });

  test('names keys by their ids, whoever uses them, and never holds one', async () => {
    await using node = await startTestNode();
    const { key, info } = await node.admin.rotateKey({ owner: 'operator', role: 'operate' });
    using operator = createAdminClient({ url: node.url, key });
    await operator.ban('mallory', { forMs: 60_000, reason: 'spam' });
    await node.admin.removeKey(info.id);
    const [made, ban, removed] = await linesOf(node, 3);
    assert.deepEqual(made?.['result'], { keyId: info.id, removed: [] });
    assert.deepEqual(ban?.['by'], { kind: 'operator', role: 'operate', by: 'key', keyId: info.id });
    assert.deepEqual([ban?.['action'], ban?.['uid'], ban?.['remoteAddress']], ['ban', 'mallory', '127.0.0.1']);
    assert.equal(removed?.['keyId'], info.id);
    // What stands behind the id may have an underscore itself.
    const secret = key.slice(`yq_${info.id}_`.length);
    assert.equal(secret.length, 43);
    assert.ok(!textOf(node).includes(secret));
  });

  test('holds what is no command: a heap snapshot, and the stop that ends it', async () => {
    await using node = await startTestNode();
    const { path, bytes } = await node.admin.heapSnapshot({ timeoutMs: 30_000 });
    await node.admin.stop({ now: true });
    assert.deepEqual(await linesOf(node, 2), [
      { ...bySocket, action: 'heapSnapshot', outcome: 'ok', result: { path, bytes } },
      { ...bySocket, action: 'stop', now: true, outcome: 'ok', result: { clients: 0 } },
    ]);
  });

  test('is where log.auditFile says', async () => {
    await using elsewhere = await startTestNode();
    const file = joinPath(elsewhere.dataDirectory, 'other', 'audit.jsonl');
    await using node = await startTestNode({ set: [`log.auditFile=${file}`] });
    await node.admin.addSystem('shop');
    await eventually('it is written', () => existsSync(file) && readFileSync(file, 'utf8').includes('"shop"'));
    assert.equal(textOf(node), '');
  });
});
