import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeNode } from '../../support/fake-node.ts';

const push = { owner: 'system', system: 'default', role: 'push' } as const;

test('rotating answers the key once, with its end, the older one that stays, and what went; events have no secret', async () => {
  const node = createFakeNode();
  const before = Date.now();
  const first = await node.execute({ type: 'rotateKey', grant: push });
  const second = await node.execute({ type: 'rotateKey', grant: push, ttlMs: 60_000 });
  const third = await node.execute({ type: 'rotateKey', grant: push, now: true });
  assert.equal(first.info.expiresAt, undefined);
  assert.ok((second.info.expiresAt ?? 0) >= before + 60_000 && (second.info.expiresAt ?? 0) <= Date.now() + 60_000);
  assert.deepEqual([second.kept, second.removed], [first.info, []]);
  assert.deepEqual([third.kept, third.removed], [undefined, [first.info.id, second.info.id]]);
  const { sequence: _, time: __, node: ___, ...event } = node.seen.at(-1)!;
  assert.deepEqual(event, {
    type: 'key_rotated',
    system: 'default',
    role: 'push',
    keyId: third.info.id,
    removed: [first.info.id, second.info.id],
  });
  for (const { key } of [first, second, third]) {
    assert.equal(JSON.stringify(node.seen).includes(key.slice(14)), false);
    assert.equal(JSON.stringify(await node.execute({ type: 'listKeys', query: {} })).includes(key.slice(14)), false);
  }
});

test('a key of a system that does not exist is refused', async () => {
  const node = createFakeNode();
  const grant = { ...push, system: 'nowhere' };
  await assert.rejects(node.execute({ type: 'rotateKey', grant }), { code: 'unknown_system', field: 'system' });
  await assert.rejects(node.execute({ type: 'listKeys', query: { system: 'nowhere' } }), { code: 'unknown_system' });
  assert.deepEqual(node.seen, []);
});

test('keys are listed by id, of one system or all, and as conditions say; no row holds a digest', async () => {
  const node = createFakeNode();
  await node.execute({ type: 'addSystem', system: 'shop' });
  const made = [
    await node.execute({ type: 'rotateKey', grant: push }),
    await node.execute({ type: 'rotateKey', grant: { ...push, system: 'shop', role: 'read' } }),
    await node.execute({ type: 'rotateKey', grant: { owner: 'operator', role: 'admin' } }),
  ].map(({ info }) => info);
  const all = await node.execute({ type: 'listKeys', query: { sort: 'createdAt' } });
  assert.equal(all.total, 3);
  for (const info of made)
    assert.deepEqual(
      all.items.find(({ id }) => id === info.id),
      info,
    );
  const ofShop = await node.execute({ type: 'listKeys', query: { system: 'shop' } });
  assert.deepEqual(ofShop.items, [made[1]]);
  const where = [{ field: 'owner', op: '=', value: 'operator' }] as const;
  assert.deepEqual((await node.execute({ type: 'listKeys', query: { where } })).items, [made[2]]);
});

test('a removed key is gone and told; one that is not there is unknown', async () => {
  const node = createFakeNode();
  const { info } = await node.execute({ type: 'rotateKey', grant: { owner: 'operator', role: 'operate' } });
  assert.deepEqual(await node.execute({ type: 'removeKey', id: info.id }), info);
  const { sequence: _, time: __, node: ___, ...event } = node.seen.at(-1)!;
  assert.deepEqual(event, { type: 'key_removed', role: 'operate', keyId: info.id });
  assert.equal(await node.keys.find(info.id), undefined);
  await assert.rejects(node.execute({ type: 'removeKey', id: info.id }), {
    code: 'unknown_key',
    field: 'id',
    message: `no such key: ${info.id}`,
    hint: /yunque key ls/,
  });
});

test('a system that is removed takes its keys and bans with it', async () => {
  const node = createFakeNode();
  await node.execute({ type: 'addSystem', system: 'shop' });
  await node.execute({ type: 'rotateKey', grant: { ...push, system: 'shop' } });
  await node.execute({ type: 'ban', system: 'shop', uid: 'alice', forMs: 60_000 });
  await node.execute({ type: 'removeSystem', system: 'shop' });
  await node.execute({ type: 'addSystem', system: 'shop' });
  assert.equal(await node.keys.isKeyed('shop'), false);
  assert.deepEqual((await node.execute({ type: 'listKeys', query: {} })).items, []);
  assert.deepEqual((await node.execute({ type: 'listBans', query: {} })).items, []);
});
