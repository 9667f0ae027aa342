import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BanInfo } from '../../../src/api/keys.ts';
import { MemoryBans } from '../../../src/store/memory-bans.ts';
import { createFakeNode } from '../../support/fake-node.ts';

const system = 'default';
const day = 86_400_000;

/** "banned until", rounded up to the second. */
function wordsOf(until: number, reason = ''): string {
  const second = new Date(Math.ceil(until / 1000) * 1000).toISOString().slice(0, 19);
  return `banned until ${second}Z${reason}`;
}

test('a ban closes the user’s connections with 4503 and its end, and nobody else’s', async () => {
  const node = createFakeNode();
  await node.execute({ type: 'addSystem', system: 'shop' });
  const [phone, web] = [await node.login('alice', { deviceId: 'a' }), await node.login('alice', { deviceId: 'b' })];
  const others = [await node.login('bob'), await node.login('alice', {}, { system: 'shop' })];
  const before = Date.now();
  const { closed, until } = await node.execute({ type: 'ban', system, uid: 'alice', forMs: day, reason: 'spam' });
  assert.equal(closed, 2);
  assert.ok(until >= before + day && until <= Date.now() + day);
  for (const { closed } of [phone, web]) {
    assert.deepEqual(closed, { error: 'kicked', code: 4503, reason: wordsOf(until, ': spam') });
  }
  assert.deepEqual(
    others.map(({ isOpen }) => isOpen),
    [true, true],
  );
  const { sequence: _, time: __, node: ___, ...event } = node.seen.find(({ type }) => type === 'banned')!;
  assert.deepEqual(event, { type: 'banned', system, uid: 'alice', until, reason: 'spam' });
});

test('whoever is banned cannot bind until it is lifted; others, and the same uid elsewhere, can', async () => {
  const node = createFakeNode();
  await node.execute({ type: 'addSystem', system: 'shop' });
  const { until } = await node.execute({ type: 'ban', system, uid: 'alice', forMs: day });
  const refused = await node.login('alice');
  assert.deepEqual(refused.closed, { error: 'kicked', code: 4503, reason: wordsOf(until) });
  assert.deepEqual(refused.received, []);
  assert.equal([...node.registry.connections].length, 0);
  assert.equal((await node.login('bob')).isOpen, true);
  assert.equal((await node.login('alice', {}, { system: 'shop' })).isOpen, true);
  assert.deepEqual(await node.execute({ type: 'unban', system, uid: 'alice' }), { lifted: true });
  assert.equal(node.seen.at(-1)?.type, 'unbanned');
  const told = node.seen.length;
  assert.deepEqual(await node.execute({ type: 'unban', system, uid: 'alice' }), { lifted: false });
  assert.equal(node.seen.length, told);
  assert.equal((await node.login('alice')).isOpen, true);
});

test('a ban that cannot be stored closes nobody', async () => {
  const bans = new MemoryBans();
  const cause = new Error('the disk is full');
  bans.ban = () => Promise.reject(cause);
  const node = createFakeNode({ bans });
  const alice = await node.login('alice');
  const refused = node.execute({ type: 'ban', system, uid: 'alice', forMs: day });
  await assert.rejects(refused, { code: 'internal', cause });
  assert.equal(alice.isOpen, true);
  assert.equal(node.seen.at(-1)?.type, 'bound');
});

test('what a banned user is told comes from the sessions, and nothing for others', async () => {
  const node = createFakeNode();
  const { until } = await node.execute({ type: 'ban', system, uid: 'alice', forMs: 1500, reason: 'spam' });
  assert.equal(await node.sessions.banOf(system, 'alice'), wordsOf(until, ': spam'));
  assert.equal(await node.sessions.banOf(system, 'bob'), undefined);
});

test('a ban that is over is none', async () => {
  const bans = new MemoryBans();
  const over: BanInfo = { system, uid: 'alice', until: Date.now(), reason: '' };
  await bans.ban(over, over.until - 1000);
  const node = createFakeNode({ bans });
  assert.equal((await node.login('alice')).isOpen, true);
  assert.deepEqual((await node.execute({ type: 'listBans', query: {} })).items, []);
  assert.deepEqual(await node.execute({ type: 'unban', system, uid: 'alice' }), { lifted: false });
});

test('bans are listed by uid, of one system or all', async () => {
  const node = createFakeNode();
  await node.execute({ type: 'addSystem', system: 'shop' });
  for (const [where, uid] of [
    ['default', 'bob'],
    ['shop', 'alice'],
    ['default', 'alice'],
  ] as const)
    await node.execute({ type: 'ban', system: where, uid, forMs: day, reason: uid });
  const rows = async (asked = {}) =>
    (await node.execute({ type: 'listBans', query: asked })).items.map(
      (ban) => `${ban.system}/${ban.uid} ${ban.reason}`,
    );
  assert.deepEqual(await rows(), ['default/alice alice', 'shop/alice alice', 'default/bob bob']);
  assert.deepEqual(await rows({ system: 'shop' }), ['shop/alice alice']);
  assert.deepEqual(await rows({ search: 'BOB' }), ['default/bob bob']);
});

test('unknown systems and uids that can be none are refused', async () => {
  const node = createFakeNode();
  const nowhere = { system: 'nowhere', uid: 'alice' };
  await assert.rejects(node.execute({ type: 'ban', ...nowhere, forMs: day }), { code: 'unknown_system' });
  await assert.rejects(node.execute({ type: 'unban', ...nowhere }), { code: 'unknown_system' });
  await assert.rejects(node.execute({ type: 'listBans', query: nowhere }), { code: 'unknown_system' });
  for (const uid of ['', 'x'.repeat(65), 'a\u0000b', '\ud800']) {
    const refused = node.execute({ type: 'ban', system, uid, forMs: day });
    await assert.rejects(refused, { code: 'bad_request', field: 'uid' }, JSON.stringify(uid));
  }
});
