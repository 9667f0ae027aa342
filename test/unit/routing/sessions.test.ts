import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probeSystem } from '../../../src/api/system.ts';
import type { Directory, Login, Route } from '../../../src/directory/directory.ts';
import { MemoryDirectory } from '../../../src/directory/memory.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { PreparedMessage } from '../../../src/wire/prepared-message.ts';
import { createFakeNode, payloadOf, settled } from '../../support/fake-node.ts';

/** A directory that numbers logins at once and answers them when told to. */
function slowDirectory() {
  const inner = new MemoryDirectory();
  const waiting: (() => void)[] = [];
  const directory: Directory = {
    login: async (route: Route) => {
      const sequence = await inner.login(route);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return sequence;
    },
    logout: (login: Login) => inner.logout(login),
    routes: (system, uid) => inner.routes(system, uid),
    close: () => inner.close(),
  };
  return { directory, waiting };
}

const request = (deviceId: string, channel = 'android', deviceName = deviceId) => ({
  uid: 'alice',
  deviceId,
  deviceName,
  channel,
});

describe('opening', () => {
  test('is reported once, and gives json its clientId', () => {
    const node = createFakeNode();
    const [json, binary] = [node.open(), node.open({ dialect: 'cim' })];
    node.sessions.open(json);
    assert.deepEqual(
      node.seen.map(({ type }) => type),
      ['connected', 'connected'],
    );
    assert.equal(json.clientId?.length, 44);
    assert.equal(binary.clientId, undefined);
    assert.equal(node.registry.size, 2);
  });
});

describe('binding', () => {
  test('makes the connection findable as its user, answers first, and reports it', async () => {
    const node = createFakeNode();
    const connection = node.connect();
    const order: string[] = [];
    await node.sessions.bind(connection, request('d1'), () => order.push(`answered, ${node.registry.size} registered`));
    assert.deepEqual(order, ['answered, 0 registered']);
    assert.deepEqual(
      node.seen.map(({ type }) => type),
      ['connected', 'bound'],
    );
    assert.equal(connection.identity?.uid, 'alice');
    const [route] = await node.directory.routes('default', 'alice');
    assert.deepEqual([route?.cid, route?.node, route?.loginSequence], [1, 'n1', connection.identity?.loginSequence]);
  });

  test('an open connection counts it once', async () => {
    const node = createFakeNode();
    const connection = node.open();
    assert.equal(await node.sessions.bind(connection, request('d1'), () => {}), true);
    assert.equal(node.registry.size, 1);
    assert.deepEqual(
      node.seen.map(({ type }) => type),
      ['connected', 'bound'],
    );
    connection.close('kicked');
    await settled();
    assert.equal(node.registry.size, 0);
  });

  test('a user who is banned during its login is told so and leaves nothing behind', async () => {
    const { directory, waiting } = slowDirectory();
    const node = createFakeNode({ directory });
    const connection = node.connect();
    const bound = node.sessions.bind(connection, request('d1'), () => assert.fail('it was answered'));
    await settled();
    const [system, uid] = ['default', 'alice'];
    await node.execute({ type: 'ban', system, uid, forMs: 60_000 });
    for (const answer of waiting) answer();
    assert.equal(await bound, false);
    assert.equal(connection.closed?.error, 'kicked');
    assert.deepEqual([node.registry.size, await directory.routes(system, uid)], [0, []]);
  });

  test('a connection that closes during its login leaves nothing behind', async () => {
    const { directory, waiting } = slowDirectory();
    const node = createFakeNode({ directory });
    const connection = node.connect();
    let answered = false;
    const binding = node.sessions.bind(connection, request('d1'), () => {
      answered = true;
    });
    await settled();
    connection.close('stale');
    await settled();
    waiting.shift()?.();
    assert.equal(await binding, false);
    assert.deepEqual([answered, node.registry.size, node.seen], [false, 0, []]);
    assert.deepEqual(await directory.routes('default', 'alice'), []);
    assert.deepEqual(node.counters.disconnects, { 4002: 1 });
  });

  test('rejects when the directory cannot be asked, and nobody is bound', async () => {
    const { directory } = slowDirectory();
    directory.login = () => Promise.reject(new Error('no answer'));
    const node = createFakeNode({ directory });
    await assert.rejects(node.login('alice'), /no answer/);
    assert.equal(node.registry.size, 0);
  });
});

describe('a newer login', () => {
  test('tells the older device 999 before it closes it with 4005', async () => {
    const node = createFakeNode();
    const older = await node.login('alice', request('d1'));
    await node.login('alice', request('d2', 'ios', '火狐'));
    assert.deepEqual(older.log, ['frame', 4005]);
    const replaced = { kind: 'replaced', messageId: '0123456789abcdef', uid: 'alice', deviceName: '火狐' } as const;
    assert.deepEqual(older.received[0], new PreparedMessage(replaced, codecs).frameFor('yunque'));
    assert.match(payloadOf(older.received[0] ?? Buffer.alloc(0)).toString(), /999/);
    await settled();
    assert.deepEqual(node.seen.map(({ type }) => type).slice(2), ['replaced', 'connected', 'bound', 'disconnected']);
  });

  test('of the same device closes the older connection without a word', async () => {
    const node = createFakeNode();
    const older = await node.login('alice', request('d1'));
    await node.login('alice', request('d1'));
    assert.deepEqual(older.log, [4005]);
  });

  test('keeps the user’s rooms, and the members hear of the new connection before they hear the old one go', async () => {
    const node = createFakeNode();
    const older = await node.login('alice', request('d1'));
    const witness = node.open();
    await node.execute({ type: 'join', system: 'default', group: 'g', members: { by: 'users', uids: ['alice'] } });
    await node.execute({ type: 'join', system: 'default', group: 'g', members: { by: 'connections', ids: ['2'] } });
    witness.received.length = 0;
    const newer = await node.login('alice', request('d2'));
    await settled();
    assert.deepEqual(
      [...(newer.groups?.keys() ?? [])].map(({ name }) => name),
      ['g'],
    );
    assert.equal(older.groups?.size, 0);
    const notices = witness.received.map((frame) => JSON.parse(payloadOf(frame).toString()));
    assert.deepEqual(
      notices.map(({ code, data }) => [code, data.clientId]),
      [
        [1001, newer.clientId],
        [1002, older.clientId],
      ],
    );
  });

  test('is not undone by the late end of the one it displaced', async () => {
    const node = createFakeNode();
    const older = await node.login('alice', request('d1'));
    const newer = await node.login('alice', request('d1'));
    await settled();
    await node.sessions.close(older, 1006, 'again');
    const routes = await node.directory.routes('default', 'alice');
    assert.deepEqual(
      routes.map(({ cid }) => cid),
      [newer.cid],
    );
    assert.equal(node.registry.find('default', String(newer.cid)), newer);
  });

  test('in another system displaces nobody', async () => {
    const node = createFakeNode();
    await node.systems.add('b', 1);
    const one = await node.login('alice', request('d1'));
    const two = await node.login('alice', request('d1'), { system: 'b' });
    assert.deepEqual([one.isOpen, two.isOpen], [true, true]);
  });

  for (const [first, second] of [
    ['d1', 'd2'],
    ['d1', 'd1'],
  ] as const) {
    for (const order of ['in order', 'the newer first'] as const) {
      test(`at the same moment, on ${first} and ${second}, answered ${order}: exactly the newer one stays`, async () => {
        const { directory, waiting } = slowDirectory();
        const node = createFakeNode({ directory });
        const [older, newer] = [node.connect(), node.connect()];
        const bindings = [older, newer].map((connection, at) => {
          return node.sessions.bind(connection, request(at === 0 ? first : second), () => {});
        });
        await settled();
        if (order === 'the newer first') waiting.reverse();
        for (const answer of waiting) {
          answer();
          await settled();
        }
        assert.deepEqual(await Promise.all(bindings), [order === 'in order', true]);
        assert.deepEqual([older.isOpen, newer.isOpen], [false, true]);
        assert.deepEqual(older.log, first === second ? [4005] : ['frame', 4005]);
        assert.deepEqual(
          (await directory.routes('default', 'alice')).map(({ cid }) => cid),
          [newer.cid],
        );
        assert.equal(node.registry.size, 1);
      });
    }
  }

  test('that closed again before an older one was answered does not turn that one away', async () => {
    const { directory, waiting } = slowDirectory();
    const node = createFakeNode({ directory });
    const [older, newer] = [node.connect(), node.connect()];
    const first = node.sessions.bind(older, request('d1'), () => {});
    const second = node.sessions.bind(newer, request('d1'), () => {});
    await settled();
    waiting[1]?.();
    await second;
    newer.close('kicked');
    waiting[0]?.();
    assert.equal(await first, true);
    assert.equal(older.isOpen, true);
  });
});

describe('closing', () => {
  test('of a connection that never bound is counted and not reported', async () => {
    const node = createFakeNode();
    await node.sessions.close(node.connect(), 4002, 'stale');
    assert.deepEqual([node.counters.disconnects, node.seen], [{ 4002: 1 }, []]);
  });

  test('of the probe’s connection is neither', async () => {
    const node = createFakeNode();
    const probe = node.open({ system: probeSystem });
    await node.sessions.close(probe, 1000, '');
    assert.deepEqual([node.counters.disconnects, node.seen], [{}, []]);
    assert.equal(node.registry.system(probeSystem), undefined);
  });
});
