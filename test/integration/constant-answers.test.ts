import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, ask } from '../support/http-request.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { createRandom, pick } from '../support/random.ts';
import { join, type WsClient } from '../support/ws-clients.ts';

let node: TestNode;
let mine: WsClient;
let theirs: WsClient;
before(async () => {
  node = await startTestNode({ set: ['systems.list=shop,other', 'auth.failedKeys.delay=0s', 'demo=true'] });
  mine = await join(node, 'json', { system: 'shop' });
  theirs = await join(node, 'json', { system: 'other' });
});
after(() => node[Symbol.asyncDispose]());

/** What a stranger could learn from an answer: all of it but the time and the id it sent itself. */
function essence({ status, headers, text }: Answer, id: string) {
  const { date: _date, 'content-length': _length, ...rest } = headers;
  return { status, headers: rest, text: text.replaceAll(JSON.stringify(id), '"ID"') };
}

/** Ids that name nobody in `shop`, each for another reason. */
async function idsOfNobody(): Promise<readonly (readonly [why: string, id: string])[]> {
  const gone = await join(node, 'json', { system: 'shop' });
  await node.admin.kickConnection(gone.clientId, { system: 'shop' });
  await gone.closed;
  const random = createRandom(68);
  const bytes = Buffer.from(mine.clientId, 'base64');
  // AES-CBC without a MAC: a flipped bit of the IV flips that bit of the address inside.
  const flipped = Array.from({ length: 64 }, (_, at): [string, string] => {
    const copy = Buffer.from(bytes);
    const bit = at < 32 ? pick(random, 128) : pick(random, copy.length * 8);
    const byte = bit >> 3;
    copy[byte] = (copy[byte] ?? 0) ^ (1 << (bit & 7));
    return [`bit ${bit} flipped`, copy.toString('base64')];
  });
  const noise = Array.from({ length: bytes.length }, () => pick(random, 256));
  return [
    ['of a client that has gone', gone.clientId],
    ['of a client of another system', theirs.clientId],
    ['random', Buffer.from(noise).toString('base64')],
    ['in base64url', Buffer.from(noise).toString('base64url')],
    ['too short for one', bytes.subarray(0, 16).toString('base64')],
    ['a number nobody has', '1'],
    ['the number of a client of another system', await cidOf(theirs, 'other')],
    ['text', 'nobody'],
    ['an address', '127.0.0.1:1666'],
    ...flipped,
  ];
}

async function cidOf(client: WsClient, system: string): Promise<string> {
  return (await node.admin.connection(client.clientId, { system })).cid;
}

for (const [path, more] of [
  ['/api/send_to_client', { msg: 'm' }],
  ['/api/bind_to_group', { groupName: 'g' }],
  ['/api/unbind_from_group', { groupName: 'g' }],
  ['/api/is_online', {}],
  ['/api/close_client', {}],
] as const) {
  test(`${path} answers the same to every id that names nobody there, byte for byte`, async () => {
    let first: unknown;
    for (const [why, id] of await idsOfNobody()) {
      const body = JSON.stringify({ clientId: id, ...more });
      const answer = await ask(node.port, path, { method: 'POST', headers: { SystemId: 'shop' }, body });
      first ??= essence(answer, id);
      assert.deepEqual(essence(answer, id), first, why);
    }
    assert.equal(mine.ended, undefined);
    assert.equal(theirs.ended, undefined);
    assert.deepEqual([...mine.messages, ...theirs.messages], []);
  });
}

for (const path of ['/room/join', '/room/leave'] as const) {
  test(`${path} names every id that names nobody there as unknown, and nothing more`, async () => {
    for (const [why, id] of await idsOfNobody()) {
      const body = JSON.stringify({ room: 'r', cids: [id] });
      const { status, text } = await ask(node.port, path, { method: 'POST', headers: { SystemId: 'shop' }, body });
      assert.deepEqual([status, JSON.parse(text).data], [200, { matched: 0, changed: 0, unknown: [id] }], why);
    }
  });
}

test('a wrong key, one that was removed and one that never was are one answer, in every family', async () => {
  const { key, info } = await node.admin.rotateKey({ owner: 'system', system: 'other', role: 'push' });
  await node.admin.removeKey(info.id);
  const { key: right } = await node.admin.rotateKey({ owner: 'system', system: 'other', role: 'push' });
  const wrong = [
    key,
    `${right.slice(0, -2)}__`,
    `yq_${'a'.repeat(10)}_${'b'.repeat(43)}`,
    'yq_',
    'x',
    '',
    'x'.repeat(10_000),
    right.toUpperCase(),
  ];
  for (const [method, path] of [
    ['POST', '/send'],
    ['POST', '/api/send_to_system'],
    ['POST', '/api/message/send'],
    ['GET', '/metrics'],
    ['GET', '/admin/v1/stats'],
    ['GET', '/admin/v1/nothing-here'],
  ] as const) {
    let first: unknown;
    for (const each of wrong) {
      const answer = await ask(node.port, path, { method, headers: { 'X-API-Key': each } });
      first ??= essence(answer, each);
      assert.deepEqual(essence(answer, each), first, `${path} ${each.slice(0, 20)}`);
    }
  }
});

test('whether an account exists is not told by a login', async () => {
  const login = (username: string) =>
    ask(node.port, '/login', { method: 'POST', body: JSON.stringify({ username, password: 'wrong' }) });
  await ask(node.port, '/login/register', { method: 'POST', body: '{"username":"known","password":"right"}' });
  assert.deepEqual(essence(await login('known'), ''), essence(await login('unknown'), ''));
});
