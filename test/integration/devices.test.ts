import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Form, replacedForm } from '../support/expected-forms.ts';
import { formOf } from '../support/frame-form.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { connect, join, type WsClient } from '../support/ws-clients.ts';
import { type DialectName, writeRequest } from '../support/ws-decode.ts';

type Dialect = Exclude<DialectName, 'json'>;
const dialects: readonly Dialect[] = ['yunque', 'cim', 'cim-json'];
const channels = ['android', 'ios', 'windows', 'mac', 'web', 'fridge', ''];

const words = { stays: 'stays', silent: 'is closed in silence', told: 'is told 999 and closed' };

let node: TestNode;
before(async () => {
  node = await startTestNode();
});
after(() => node[Symbol.asyncDispose]());

let users = 0;
function newUser(): string {
  users += 1;
  return `user-${users}`;
}

/** What becomes of an older connection, by the text of the wire reference. */
function fateOf(older: string, newer: string, sameDevice: boolean): 'stays' | 'silent' | 'told' {
  if (sameDevice) return older === 'web' && newer === 'web' ? 'stays' : 'silent';
  const classes = [
    ['android', 'ios'],
    ['windows', 'mac', 'web'],
  ];
  return classes.some((members) => members.includes(older) && members.includes(newer)) ? 'told' : 'stays';
}

function login(
  dialect: Dialect,
  uid: string,
  channel: string,
  deviceId: string,
  deviceName = 'new',
): Promise<WsClient> {
  return join(node, dialect, { bind: { uid, channel, deviceId, deviceName } });
}

/** The messages that came, after everything under way has arrived or the connection has closed. */
async function settled(client: WsClient): Promise<Form[]> {
  if (client.ended === undefined && client.ws.readyState === client.ws.OPEN) {
    client.send(writeRequest(client.dialect, 'settled?', {}));
    await Promise.race([client.reply('settled?').catch(() => {}), client.closed]);
  }
  return client.frames.filter(({ type }) => type === 'message').map((frame) => formOf(client.dialect, frame));
}

for (const [at, older] of channels.entries()) {
  for (const newer of channels) {
    for (const sameDevice of [true, false]) {
      const fate = fateOf(older, newer, sameDevice);
      const device = sameDevice ? 'the same device' : 'another device';
      test(`${older || 'no channel'}, then ${newer || 'no channel'} on ${device}: the older ${words[fate]}`, async () => {
        const uid = newUser();
        const [dialect, other] = [dialects[at % 3], dialects[(at + 1) % 3]] as [Dialect, Dialect];
        const first = await login(dialect, uid, older, 'd1');
        const second = await login(other, uid, newer, sameDevice ? 'd1' : 'd2', '火狐 on d2');
        if (fate === 'stays') {
          assert.deepEqual(await settled(first), []);
          assert.equal(first.ended, undefined);
        } else {
          assert.deepEqual(await first.closed, { code: 4005, reason: 'replaced by a newer login' });
          assert.deepEqual(await settled(first), fate === 'told' ? [replacedForm(dialect, uid, '火狐 on d2')] : []);
        }
        assert.deepEqual(await settled(second), []);
        assert.equal(second.ended, undefined);
        assert.equal((await node.admin.user(uid)).connections, fate === 'stays' ? 2 : 1);
        await Promise.all([first.close(), second.close()]);
      });
    }
  }
}

for (const dialect of dialects) {
  test(`999 in ${dialect}: every field, once, and nothing after it`, async () => {
    const uid = newUser();
    const first = await login(dialect, uid, 'ios', 'old', 'old phone');
    await login('yunque', uid, 'android', 'new', 'new "phone"');
    await first.closed;
    assert.deepEqual(await settled(first), [replacedForm(dialect, uid, 'new "phone"')]);
    assert.equal(first.frames.length, 2);
  });
}

test('devices without a deviceId are never the same device', async () => {
  const uid = newUser();
  const first = await login('yunque', uid, 'android', '');
  const second = await login('yunque', uid, 'fridge', '');
  assert.equal((await node.admin.user(uid)).connections, 2);
  const third = await login('cim', uid, 'android', '');
  assert.equal((await first.closed).code, 4005);
  assert.equal((await settled(first)).length, 1);
  assert.equal((await node.admin.user(uid)).connections, 2);
  await Promise.all([second.close(), third.close()]);
});

test('a browser on another device ends all tabs of the first, each told', async () => {
  const uid = newUser();
  const tabs = await Promise.all(dialects.map((dialect) => login(dialect, uid, 'web', 'browser-1')));
  assert.equal((await node.admin.user(uid)).connections, 3);
  const phone = await login('cim', uid, 'android', 'phone');
  const newer = await login('yunque', uid, 'web', 'browser-2', 'Firefox');
  for (const tab of tabs) {
    assert.equal((await tab.closed).code, 4005);
    assert.deepEqual(await settled(tab), [replacedForm(tab.dialect as Dialect, uid, 'Firefox')]);
  }
  assert.equal((await node.admin.user(uid)).connections, 2);
  await Promise.all([phone.close(), newer.close()]);
});

test('one login can end both kinds: its own device in silence, another of its class with 999', async () => {
  const uid = newUser();
  const phone = await login('yunque', uid, 'android', 'phone');
  const pc = await login('cim', uid, 'windows', 'pc');
  // The phone's own deviceId, now as a Mac.
  const mac = await login('cim-json', uid, 'mac', 'phone', 'MacBook');
  assert.equal((await phone.closed).code, 4005);
  assert.equal((await pc.closed).code, 4005);
  assert.deepEqual(await settled(phone), []);
  assert.deepEqual(await settled(pc), [replacedForm('cim', uid, 'MacBook')]);
  await mac.close();
});

test('another user, and the same uid of another system, are left alone', async () => {
  await node.admin.addSystem('tenant');
  const uid = newUser();
  const stranger = await login('yunque', newUser(), 'android', 'd1');
  const namesake = await join(node, 'yunque', { system: 'tenant', bind: { uid, channel: 'android', deviceId: 'd1' } });
  const first = await login('yunque', uid, 'android', 'd1');
  const second = await login('yunque', uid, 'ios', 'd2');
  await first.closed;
  assert.deepEqual([await settled(stranger), await settled(namesake)], [[], []]);
  assert.equal((await node.admin.user(uid, { system: 'tenant' })).connections, 1);
  await Promise.all([stranger.close(), namesake.close(), second.close()]);
});

test('the newer device of a user is in the user’s rooms, and gets what is sent there next', async () => {
  const uid = newUser();
  const witness = await login('yunque', newUser(), 'mac', 'w');
  const first = await login('yunque', uid, 'android', 'd1');
  await node.admin.join('room', { uids: [uid, witness.bound['uid'] ?? ''] });
  for (const deviceId of ['d1', 'd2']) {
    const newer = await login('cim', uid, 'ios', deviceId);
    const members = await node.admin.members('room');
    assert.deepEqual(members.items.map((row) => row.uid).sort(), [uid, witness.bound['uid']].sort());
    const receipt = await node.admin.send({ target: { to: 'groups', groups: ['room'] }, push: { msg: 'next' } });
    assert.deepEqual([receipt.matched, receipt.delivered], [2, 2]);
    await newer.message(({ action }) => action === 'push');
  }
  await first.closed;
  await witness.close();
});

test('of many logins at once on different phones exactly one survives, the newest', async () => {
  const uid = newUser();
  const clients = await Promise.all(Array.from({ length: 30 }, (_, n) => connect(node, dialects[n % 3] as Dialect)));
  await Promise.all(
    clients.map((client, n) =>
      client.bind({ uid, channel: n % 2 ? 'ios' : 'android', deviceId: `d${n}`, deviceName: `${n}` }),
    ),
  );
  await onlyOneLeft(uid, clients);
});

test('and so on one device', async () => {
  const uid = newUser();
  const clients = await Promise.all(Array.from({ length: 30 }, (_, n) => connect(node, dialects[n % 3] as Dialect)));
  await Promise.all(clients.map((client) => client.bind({ uid, channel: 'android', deviceId: 'd' })));
  const survivor = await onlyOneLeft(uid, clients);
  for (const client of clients) assert.deepEqual(await settled(client), []);
  await survivor.close();
});

test('a user whose last connection has closed is offline', async () => {
  const uid = newUser();
  const client = await login('cim', uid, 'web', 'd');
  assert.deepEqual((await node.admin.online([uid])).users, { [uid]: 1 });
  await client.close();
  await eventually('it is offline', async () => (await node.admin.online([uid])).users[uid] === 0);
  await assert.rejects(node.admin.user(uid), refusal('unknown_user'));
});

test('the rule is configuration', async () => {
  await using strict = await startTestNode({
    set: ['devices.exclusive=[[android, ios, windows, mac, web]]', 'devices.coexist=[]'],
  });
  const bind = (channel: string, deviceId: string) => ({ uid: 'alice', channel, deviceId, deviceName: channel });
  const phone = await join(strict, 'yunque', { bind: bind('android', 'd1') });
  const tab = await join(strict, 'cim', { bind: bind('web', 'd2') });
  assert.deepEqual(await phone.closed, { code: 4005, reason: 'replaced by a newer login' });
  assert.deepEqual(await settled(phone), [replacedForm('yunque', 'alice', 'web')]);
  await join(strict, 'cim', { bind: bind('web', 'd2') });
  assert.equal((await tab.closed).code, 4005);
  assert.deepEqual(await settled(tab), []);
});

/** Checks that all have bound and one is left: the one whose login came last. */
async function onlyOneLeft(uid: string, clients: readonly WsClient[]): Promise<WsClient> {
  const user = await node.admin.user(uid);
  assert.equal(user.connections, 1);
  const { items } = await node.admin.connections({ where: [{ field: 'uid', op: '=', value: uid }] });
  const [survivor, ...more] = clients.filter((client) => client.cid === items[0]?.cid);
  assert.ok(survivor !== undefined && more.length === 0);
  const losers = clients.filter((client) => client !== survivor);
  for (const { closed } of losers) assert.equal((await closed).code, 4005);
  assert.equal(survivor.ended, undefined);
  // Each login is announced in its turn: the newest is the last.
  assert.equal(await lastBound(uid), survivor.cid);
  return survivor;
}

async function lastBound(uid: string): Promise<string | undefined> {
  let cid: string | undefined;
  const marker = newUser();
  await (await login('yunque', marker, 'web', 'm')).close();
  for await (const item of node.admin.events({ types: ['bound'], backlog: 1000 })) {
    if (item.type !== 'event' || item.event.type !== 'bound') continue;
    if (item.event.uid === uid) cid = item.event.cid;
    if (item.event.uid === marker) break;
  }
  return cid;
}
