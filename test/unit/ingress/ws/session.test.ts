import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BindJudgement } from '../../../../src/access/access.ts';
import type { TokenUser } from '../../../../src/access/tokens/tokens.ts';
import type { Dialect } from '../../../../src/api/dialect.ts';
import type { Answer, UplinkRequest } from '../../../../src/egress/uplink/request.ts';
import { Session, type SessionContext } from '../../../../src/ingress/ws/session.ts';
import type { BindRequest, Sessions } from '../../../../src/routing/sessions.ts';
import { Counters } from '../../../../src/telemetry/counters.ts';
import type { WsConnection } from '../../../../src/transport/ws-connection.ts';
import { codecs } from '../../../../src/wire/codecs/index.ts';
import { fakeTokens } from '../../../support/fake-access.ts';
import { FakeConnection } from '../../../support/fake-connection.ts';
import { payloadOf, settled } from '../../../support/fake-node.ts';

const allowed: BindJudgement = { allowed: true, user: undefined };
const forbidden: BindJudgement = { allowed: false, code: 'forbidden', message: 'not trusted', hint: 'set auth.x' };

/** A session over a connection without a socket; `answerBind` is called for each bind that gets through. */
function start(
  dialect: Dialect,
  options: {
    bind?: BindJudgement;
    expiresAt?: number;
    user?: TokenUser;
    check?: () => Promise<void>;
    answerBind?: (answer: () => void) => Promise<boolean>;
    uplink?: SessionContext['uplink'];
  } = {},
) {
  const connection = new FakeConnection({ cid: 7, dialect });
  const reading: boolean[] = [];
  const replies = {
    pauseReading: () => void reading.push(false),
    resumeReading: () => void reading.push(true),
    writeControl: (frame: Buffer) => void (connection.isOpen && connection.write(frame)),
  };
  const ws = Object.assign(connection, replies) as unknown as WsConnection;
  const did: string[] = [];
  const bound: BindRequest[] = [];
  const counters = new Counters();
  const sessions: Sessions = {
    open: () => void did.push('open'),
    bind: async (bindingConnection, request, beforeOpen) => {
      bound.push(request);
      const done = options.answerBind === undefined ? true : await options.answerBind(beforeOpen);
      if (options.answerBind === undefined) beforeOpen();
      bindingConnection.identity = { ...request, boundAt: 0, loginSequence: 1 };
      return done;
    },
    banOf: async (_system, uid) => (uid === 'banned' ? 'banned until tomorrow' : undefined),
    close: async () => {},
  };
  const ends: (number | 'forgotten')[] = [];
  const expiries = {
    schedule: (_connection: WsConnection, at: number) => void ends.push(at),
    forget: () => void ends.push('forgotten'),
  } as unknown as SessionContext['expiries'];
  const context: SessionContext = {
    sessions,
    counters,
    heartbeats: {
      expectBind: () => did.push('expect bind'),
      watch: () => did.push('watch'),
      touch: () => did.push('touch'),
    } as unknown as SessionContext['heartbeats'],
    expiries,
    judgeBind: async (_trust, { system, token }) => {
      if (token === undefined) return options.bind ?? allowed;
      await options.check?.();
      const verdict = await fakeTokens([], options.expiresAt).verify(token, system);
      return verdict.valid
        ? { allowed: true, user: verdict.user }
        : { allowed: false, hint: 'get another', ...verdict };
    },
    nodeId: 'n1',
    idBytes: 64,
    clientIdOf: () => 'CLIENT',
    uplink: options.uplink,
    onBindRefused: (_connection, _error, message) => did.push(`refused: ${message}`),
  };
  const session = new Session(context, ws, codecs[dialect], { trusted: true });
  if (options.user === undefined) session.start();
  const say = (value: unknown) => session.onMessage(Buffer.from(JSON.stringify(value)), false);
  /** A request in `cim-json`. */
  const ask = (key: string, data: Record<string, string> = {}) =>
    say({ type: 3, content: JSON.stringify({ key, timestamp: 1, data }) });
  const heard = () => connection.received.map((frame) => JSON.parse(payloadOf(frame).toString()));
  /** The replies of a `cim-json` session: key and code. */
  const answers = () =>
    heard().map(({ content }) => {
      const { key, code } = JSON.parse(content);
      return `${key} ${code}`;
    });
  return { session, connection, did, bound, ends, reading, counters, say, ask, heard, answers };
}

describe('a json session', () => {
  test('is open at once and hears its clientId first', () => {
    const { session, did, heard } = start('json');
    assert.equal(session.isOpen, true);
    assert.deepEqual(did, ['watch', 'open']);
    assert.deepEqual(heard(), [{ code: 0, msg: 'success', data: { clientId: 'CLIENT' } }]);
  });

  test('answers ping, refuses what has no route, and counts what means nothing', async () => {
    const { say, heard, counters, connection, bound } = start('json');
    await say({ key: 'ping' });
    await say({ key: 'client_bind', data: { uid: 'u' } });
    await say('hello');
    const [, pong, answer] = heard();
    assert.deepEqual(pong, { key: 'pong' });
    assert.deepEqual([answer.code, answer.key], [404, 'client_bind']);
    assert.deepEqual([heard().length, counters.ignoredFrames, bound.length, connection.isOpen], [3, 1, 0, true]);
  });
});

describe('requests', () => {
  /** Keeps what it is asked until the test answers. */
  function heldUplink() {
    const asked: UplinkRequest[] = [];
    const held: ((answer: Answer) => void)[] = [];
    const uplink = {
      ask(request: UplinkRequest) {
        asked.push(request);
        return new Promise<Answer>((resolve) => held.push(resolve));
      },
    };
    return { uplink, asked, held };
  }

  test('of an anonymous client go out with its connection and its data as it was written, and come back', async () => {
    const { uplink, asked, held } = heldUplink();
    const { session, connection, heard } = start('json', { uplink });
    const first = session.onMessage(Buffer.from('{"key":"order","data":{"n": 1.0,"uid":"root"}}'), false);
    const [request] = asked;
    assert.ok(request);
    assert.equal(request.from, connection);
    assert.deepEqual([request.key, request.json, request.timestamp], ['order', '{"n": 1.0,"uid":"root"}', 0n]);
    assert.equal(request.from.identity, undefined);
    held[0]?.({ code: '0', message: 'ok', data: '[1, 2.0]' });
    await first;
    assert.deepEqual(heard().at(-1), { code: 0, msg: 'ok', data: [1, 2], key: 'order' });
  });

  test('are answered when their answers come, in whichever order; without data it is empty', async () => {
    const { uplink, held } = heldUplink();
    const { ask, heard } = start('cim-json', { uplink });
    await ask('client_bind', { uid: 'u' });
    const [a, b] = [ask('a'), ask('b', { x: '1' })];
    held[1]?.({ code: '202', message: 'accepted' });
    await b;
    held[0]?.({ code: '504', message: 'late', data: '{"n":[1]}' });
    await a;
    const replies = heard().map(({ content }) => JSON.parse(content));
    assert.deepEqual(
      replies.slice(1).map(({ key, code, message, data }) => [key, code, message, data]),
      [
        ['b', '202', 'accepted', {}],
        ['a', '504', 'late', { n: '[1]' }],
      ],
    );
  });

  test('of a client that has gone meanwhile are answered to nobody', async () => {
    const { uplink, held } = heldUplink();
    const { say, heard, connection } = start('json', { uplink });
    const asked = say({ key: 'order', data: {} });
    connection.close('bad_request');
    held[0]?.({ code: '200', message: 'ok' });
    await asked;
    assert.equal(heard().length, 1);
  });

  test('of those who have not bound go nowhere, nor do keys that are the protocol’s own', async () => {
    const { uplink, asked } = heldUplink();
    const unbound = start('cim-json', { uplink });
    await unbound.ask('order');
    await unbound.ask('client_bind', { uid: 'u' });
    await unbound.ask('client_closed');
    await unbound.ask('client_bind', { uid: 'root' });
    const anonymous = start('json', { uplink });
    await anonymous.say({ key: 'client_bind', data: { uid: 'root' } });
    await anonymous.say({ key: 'ping', data: {} });
    assert.deepEqual([asked, unbound.answers()], [[], ['order 401', 'client_bind 200', 'client_closed 403']]);
    assert.deepEqual(
      anonymous
        .heard()
        .slice(1)
        .map(({ code, key }) => [code, key]),
      [
        [404, 'client_bind'],
        [undefined, 'pong'],
      ],
    );
  });
});

describe('a session that has to bind', () => {
  test('waits for it, and is answered with the node and connection that hold it', async () => {
    const { session, did, bound, ask, heard } = start('cim-json');
    assert.deepEqual([session.isOpen, did], [false, ['expect bind']]);
    await ask('client_bind', { uid: 'u', deviceId: 'd', deviceName: 'n', channel: 'web' });
    assert.equal(session.isOpen, true);
    assert.deepEqual(bound, [{ uid: 'u', deviceId: 'd', deviceName: 'n', channel: 'web' }]);
    assert.deepEqual(did, ['expect bind', 'touch', 'watch']);
    const { key, code, data } = JSON.parse(heard()[0].content);
    assert.deepEqual([key, code, data], ['client_bind', '200', { sid: 'n1', cid: '7' }]);
  });

  test('is told to bind first whatever else it asks', async () => {
    const { ask, answers } = start('cim-json');
    await ask('chat');
    await ask('client_closed');
    assert.deepEqual(answers(), ['chat 401', 'client_closed 401']);
  });

  test('may ask right behind its bind, and is answered after it; a second bind is ignored', async () => {
    let finish = () => {};
    const { ask, answers, bound } = start('cim-json', {
      answerBind: (answer) =>
        new Promise((resolve) => {
          finish = () => {
            answer();
            resolve(true);
          };
        }),
    });
    const all = Promise.all([ask('client_bind', { uid: 'u' }), ask('chat'), ask('client_bind', { uid: 'other' })]);
    await settled();
    assert.deepEqual(answers(), []);
    finish();
    await all;
    await ask('client_bind', { uid: 'third' });
    assert.deepEqual(answers(), ['client_bind 200', 'chat 404']);
    assert.deepEqual(
      bound.map(({ uid }) => uid),
      ['u'],
    );
  });

  for (const [what, uid] of [
    ['is refused', 'banned'],
    ['comes to nothing', 'late'],
  ] as const) {
    test(`may ask right behind a bind that ${what}: the node is not held up by it`, { timeout: 10_000 }, async () => {
      const { ask, answers, connection } = start('cim-json', {
        answerBind: async () => {
          await settled();
          connection.close('replaced');
          return false;
        },
      });
      await Promise.all([ask('client_bind', { uid }), ask('chat'), ask('chat')]);
      await settled();
      assert.equal(connection.isOpen, false);
      assert.ok(!answers().includes('chat 404'));
    });
  }

  test('may not close in another’s name once it is bound', async () => {
    const { ask, answers } = start('cim-json');
    await ask('client_bind', { uid: 'u' });
    await ask('client_closed');
    assert.equal(answers().at(-1), 'client_closed 403');
  });

  for (const [name, bind, data, said] of [
    ['from a peer that may not', forbidden, { uid: 'u' }, /^refused: not trusted; set auth\.x$/],
    ['with a wrong token', allowed, { uid: 'u', token: '???' }, /the token is not valid; get another/],
    ['as somebody else than its token says', allowed, { uid: 'u', token: 'alice' }, /another user’s/],
    ['on another device than its token says', allowed, { deviceId: 'd', token: 'alice/phone' }, /another device’s/],
    ['without a uid', allowed, {}, /uid is missing/],
    ['with an impossible uid', allowed, { uid: 'x'.repeat(65) }, /uid is longer than 64 bytes/],
  ] as const) {
    test(`that binds ${name} hears client_handshake 401 and is closed with 4500`, async () => {
      const { ask, answers, did, bound, connection } = start('cim-json', { bind });
      await ask('client_bind', data);
      assert.deepEqual(answers(), ['client_handshake 401']);
      assert.equal(connection.closed?.code, 4500);
      assert.match(did.at(-1) ?? '', said);
      assert.equal(bound.length, 0);
    });
  }

  test('of a user who is banned hears why and is closed with 4503', async () => {
    const { ask, answers, bound, connection } = start('cim-json');
    await ask('client_bind', { uid: 'banned' });
    assert.deepEqual([answers(), bound.length], [['client_handshake 401'], 0]);
    assert.deepEqual([connection.closed?.code, connection.closed?.reason], [4503, 'banned until tomorrow']);
  });

  test('passes on what goes wrong behind it', async () => {
    const { ask, session } = start('cim-json', { answerBind: () => Promise.reject(new Error('no directory')) });
    await assert.rejects(async () => ask('client_bind', { uid: 'u' }), /no directory/);
    assert.equal(session.isOpen, false);
  });
});

describe('any session', () => {
  test('that says what is not of its dialect is closed with 4000', async () => {
    for (const dialect of ['yunque', 'cim', 'cim-json'] as const) {
      const { session, connection } = start(dialect);
      await session.onMessage(Buffer.from([9, 9, 9]), dialect !== 'cim-json');
      assert.equal(connection.closed?.code, 4000, dialect);
    }
  });

  test('says nothing and does nothing after it was closed, whatever still comes in', async () => {
    const { ask, answers, bound, connection, did } = start('cim-json', { bind: allowed });
    connection.close('kicked');
    await ask('client_bind', { uid: 'u' });
    await ask('chat');
    assert.deepEqual([answers(), bound, did], [[], [], ['expect bind']]);
  });

  test('hears of every frame that came in, also of pongs', async () => {
    const { say, did } = start('cim-json');
    await say({ type: 0, content: 'PONG' });
    assert.deepEqual(did, ['expect bind', 'touch']);
  });
});

describe('a token', () => {
  const expiresAt = 2_000_000_000_000;
  const alice = { uid: 'alice', system: 'default', deviceId: 'd', expiresAt } as const;

  test('in the URL binds its user at once, with what the URL says of the device, until it ends', async () => {
    const { session, bound, ends, answers, did } = start('cim-json', { user: alice });
    const starting = session.startAs(alice, new URLSearchParams('channel=web&deviceName=n&uid=mallory'));
    await starting;
    assert.deepEqual(bound, [{ uid: 'alice', deviceId: 'd', deviceName: 'n', channel: 'web' }]);
    assert.deepEqual([answers(), ends, did], [['client_bind 200'], [expiresAt], ['expect bind', 'watch']]);
  });

  test('in the URL of a json client is answered with its clientId, as any connect is', async () => {
    const { session, heard } = start('json', { user: alice });
    await session.startAs(alice, new URLSearchParams());
    assert.deepEqual(heard(), [{ code: 0, msg: 'success', data: { clientId: 'CLIENT' } }]);
    assert.equal(session.isOpen, true);
  });

  test('for one device is refused on another', async () => {
    const { session, connection, bound } = start('json', { user: alice });
    await session.startAs(alice, new URLSearchParams('deviceId=other'));
    assert.deepEqual([connection.closed?.code, bound.length], [4500, 0]);
  });

  test('in a bind gives the uid; a second bind without one is ignored', async () => {
    const { ask, bound, ends, answers } = start('cim-json', { expiresAt });
    await ask('client_bind', { token: 'alice', channel: 'web' });
    await ask('client_bind', { uid: 'bob' });
    assert.deepEqual([bound.map(({ uid }) => uid), ends, answers()], [['alice'], [expiresAt], ['client_bind 200']]);
  });

  test('of the same user prolongs a bound connection', async () => {
    const { session, ask, bound, ends, answers } = start('cim-json', { user: alice, expiresAt: expiresAt + 60_000 });
    await session.startAs(alice, new URLSearchParams());
    await ask('client_bind', { token: 'alice' });
    await ask('client_bind', { token: 'alice/d' });
    assert.deepEqual(ends, [expiresAt, expiresAt + 60_000, expiresAt + 60_000]);
    assert.deepEqual(answers(), ['client_bind 200', 'client_bind 200', 'client_bind 200']);
    assert.equal(bound.length, 1);
  });

  test('without an end takes the end away', async () => {
    const { session, ask, ends } = start('cim-json', { user: alice });
    await session.startAs(alice, new URLSearchParams());
    await ask('client_bind', { token: 'alice' });
    assert.deepEqual(ends, [expiresAt, 'forgotten']);
  });

  for (const [name, token] of [
    ['another user', 'bob'],
    ['another device of the user', 'alice/other'],
  ] as const) {
    test(`of ${name} ends a bound connection`, async () => {
      const { session, ask, connection } = start('cim-json', { user: alice });
      await session.startAs(alice, new URLSearchParams());
      await ask('client_bind', { token });
      assert.equal(connection.closed?.code, 4500);
    });
  }

  test('that is being checked is waited for by what comes behind it, and nothing more is read until then', async () => {
    let finish = () => {};
    const check = () => new Promise<void>((resolve) => (finish = resolve));
    const { session, ask, reading } = start('cim-json', { user: alice, check });
    await session.startAs(alice, new URLSearchParams());
    const binding = ask('client_bind', { token: 'alice' });
    await settled();
    assert.notEqual(reading.at(-1), false, 'nobody waits yet');
    const behind = ask('chat');
    await settled();
    assert.equal(reading.at(-1), false);
    finish();
    await Promise.all([binding, behind]);
    assert.equal(reading.at(-1), true);
  });

  test('is checked one at a time, however many come at once, and the connection stays usable', async () => {
    let checks = 0;
    let most = 0;
    const check = async () => {
      checks += 1;
      most = Math.max(most, checks);
      await settled();
      checks -= 1;
    };
    const { session, ask, answers } = start('cim-json', { user: alice, check });
    await session.startAs(alice, new URLSearchParams());
    await Promise.all(Array.from({ length: 5 }, () => ask('client_bind', { token: 'alice' })));
    await ask('chat');
    assert.equal(most, 1);
    assert.deepEqual(answers(), [...Array.from({ length: 6 }, () => 'client_bind 200'), 'chat 404']);
  });

  test('that cannot be checked now leaves a bound connection as it is', async () => {
    const { session, ask, connection, ends, answers } = start('cim-json', { user: alice });
    await session.startAs(alice, new URLSearchParams());
    await ask('client_bind', { token: 'down' });
    assert.deepEqual([connection.isOpen, ends, answers().at(-1)], [true, [expiresAt], 'client_bind 503']);
  });

  test('binds an open json connection', async () => {
    const { session, say, bound, heard } = start('json');
    await say({ key: 'client_bind', data: { token: 'alice' } });
    assert.deepEqual([bound.map(({ uid }) => uid), session.isOpen], [['alice'], true]);
    assert.deepEqual([heard()[1].key, heard()[1].code], ['client_bind', 200]);
  });

  for (const [token, code] of [
    ['expired', 4003],
    ['down', 4001],
    ['???', 4500],
  ] as const) {
    test(`that is "${token}" closes with ${code}`, async () => {
      const { ask, connection, bound } = start('cim-json');
      await ask('client_bind', { token });
      assert.deepEqual([connection.closed?.code, bound.length], [code, 0]);
    });
  }
});
