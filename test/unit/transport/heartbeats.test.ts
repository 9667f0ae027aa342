import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Dialect } from '../../../src/api/dialect.ts';
import { heartbeatFrames } from '../../../src/ingress/ws/upgrade.ts';
import { Heartbeats, type Watched } from '../../../src/transport/heartbeats.ts';
import { codecs } from '../../../src/wire/codecs/index.ts';
import { createWheel } from '../../support/wheel.ts';

interface FakeWatched extends Watched {
  /** What happened, with the milliseconds at which it did. */
  readonly log: (readonly [ms: number, what: string])[];
}

const settings = {
  json: { pingIntervalMs: 25_000, timeoutMs: 10_000 },
  protobuf: { pingAfterMs: 45_000, timeoutMs: 60_000 },
  bindTimeoutMs: 10_000,
};
const frames = heartbeatFrames(codecs);

/** Time goes by in `pass`, one tick of 100 ms after the other; `onPing` answers for the client. */
function start(t: TestContext, more: Partial<typeof settings> = {}) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { wheel, faults } = createWheel();
  const heartbeats = new Heartbeats({ ...settings, ...more }, frames, wheel);
  wheel.start();
  t.after(() => wheel.stop());
  const connect = (dialect: Dialect, onPing: (connection: FakeWatched) => void = () => {}): FakeWatched => {
    const connection: FakeWatched = {
      dialect,
      dueTick: -1,
      lastInboundTick: 0,
      pingTick: -1,
      log: [],
      onDue: () => heartbeats.check(connection),
      onFault: () => connection.close('internal'),
      writeControl: (frame) => {
        connection.log.push([now, frame === frames[dialect] ? 'ping' : 'something else']);
        onPing(connection);
      },
      close: (error) => {
        connection.log.push([now, error]);
        heartbeats.forget(connection);
      },
    };
    return connection;
  };
  const pass = (ms: number, each: () => void = () => {}) => {
    for (const end = now + ms; now < end; ) {
      now += 100;
      t.mock.timers.tick(100);
      each();
    }
  };
  return { wheel, heartbeats, connect, pass, faults, jump: (ms: number) => (now += ms) };
}

describe('json', () => {
  test('is pinged every 25 s as long as it answers, however much it says besides', (t) => {
    const { heartbeats, connect, pass } = start(t);
    const connection = connect('json', (c) => heartbeats.touch(c));
    heartbeats.watch(connection);
    pass(80_000, () => heartbeats.touch(connection));
    assert.deepEqual(connection.log, [
      [25_000, 'ping'],
      [50_000, 'ping'],
      [75_000, 'ping'],
    ]);
  });

  test('that stops answering is closed 10 s after the ping: at most 35 s after its last frame', (t) => {
    const { heartbeats, connect, pass } = start(t);
    const connection = connect('json');
    heartbeats.watch(connection);
    pass(24_900, () => heartbeats.touch(connection));
    pass(60_000);
    assert.deepEqual(connection.log, [
      [25_000, 'ping'],
      [35_000, 'no_pong'],
    ]);
  });

  test('is alive by any frame that follows the ping', (t) => {
    const { heartbeats, connect, pass } = start(t);
    const connection = connect('json');
    heartbeats.watch(connection);
    pass(34_000);
    heartbeats.touch(connection);
    pass(15_900);
    assert.deepEqual(connection.log, [[25_000, 'ping']]);
  });

  test('with a deadline longer than the interval is still pinged, one ping at a time', (t) => {
    const { heartbeats, connect, pass } = start(t, { json: { pingIntervalMs: 1000, timeoutMs: 3000 } });
    const connection = connect('json', (c) => heartbeats.touch(c));
    heartbeats.watch(connection);
    pass(8000);
    assert.deepEqual(connection.log, [
      [1000, 'ping'],
      [4100, 'ping'],
      [7200, 'ping'],
    ]);
  });
});

for (const dialect of ['yunque', 'cim', 'cim-json'] as const) {
  describe(dialect, () => {
    test('is pinged after 45 s of silence and closed after 60 s', (t) => {
      const { heartbeats, connect, pass } = start(t);
      const connection = connect(dialect);
      heartbeats.watch(connection);
      pass(100_000);
      assert.deepEqual(connection.log, [
        [45_000, 'ping'],
        [60_000, 'no_pong'],
      ]);
    });

    test('that answers is pinged 45 s after its answer, and not while it speaks', (t) => {
      const { heartbeats, connect, pass } = start(t);
      const connection = connect(dialect, (c) => heartbeats.touch(c));
      heartbeats.watch(connection);
      pass(30_000, () => heartbeats.touch(connection));
      pass(100_000);
      assert.deepEqual(connection.log, [
        [75_000, 'ping'],
        [120_000, 'ping'],
      ]);
    });
  });
}

describe('a connection that does not bind', () => {
  test('is closed as stale 10 s after connecting, whatever else it says', (t) => {
    const { heartbeats, connect, pass } = start(t);
    const connection = connect('yunque');
    heartbeats.expectBind(connection);
    pass(20_000, () => heartbeats.touch(connection));
    assert.deepEqual(connection.log, [[10_000, 'stale']]);
  });

  test('in time is watched from then on', (t) => {
    const { heartbeats, connect, pass } = start(t);
    const connection = connect('yunque');
    heartbeats.expectBind(connection);
    pass(9900);
    heartbeats.watch(connection);
    pass(50_000);
    assert.deepEqual(connection.log, [[54_900, 'ping']]);
  });
});

test('a connection that is forgotten is left alone', (t) => {
  const { heartbeats, connect, pass } = start(t);
  const connection = connect('json');
  heartbeats.watch(connection);
  heartbeats.forget(connection);
  pass(100_000);
  assert.deepEqual(connection.log, []);
});

test('silence is counted in ticks that were taken: a process held up for a minute closes nobody', (t) => {
  const { wheel, heartbeats, connect, pass } = start(t);
  const connections = [connect('json', (c) => heartbeats.touch(c)), connect('cim', (c) => heartbeats.touch(c))];
  for (const connection of connections) heartbeats.watch(connection);
  pass(24_000);
  // A minute of the clock in which the loop took one tick.
  wheel.stop();
  t.mock.timers.tick(60_000);
  wheel.start();
  pass(900);
  for (const connection of connections) {
    assert.deepEqual(connection.log, []);
    assert.equal(heartbeats.msSince(connection.lastInboundTick), 24_900);
  }
});

test('after a pause what came meanwhile is read before anybody is judged', (t) => {
  const { heartbeats, connect, pass, jump } = start(t);
  const [json, unbound] = [connect('json'), connect('yunque')];
  heartbeats.expectBind(unbound);
  pass(9900);
  jump(60_000);
  pass(100);
  assert.deepEqual(unbound.log, [], 'the bind may wait in the socket');
  heartbeats.watch(unbound);
  heartbeats.watch(json);
  pass(34_900);
  assert.deepEqual(
    json.log.map(([, what]) => what),
    ['ping'],
  );
  jump(60_000);
  pass(100);
  assert.equal(json.log.length, 1, 'the pong may wait in the socket');
  heartbeats.touch(json);
  pass(5000);
  assert.equal(json.log.length, 1);
});

test('a loop that is always late goes on finding silent connections, at half the pace', (t) => {
  const { heartbeats, connect, jump, pass } = start(t);
  const connection = connect('yunque');
  heartbeats.expectBind(connection);
  for (let turn = 0; turn < 210; turn += 1) {
    jump(400);
    pass(100);
  }
  assert.equal(connection.log.at(-1)?.[1], 'stale');
});

test('a fault that one connection meets is told and left to that one; the others are pinged as ever', (t) => {
  const { heartbeats, connect, pass, faults } = start(t);
  const [broken, whole] = [
    connect('json', () => {
      throw new Error('broken');
    }),
    connect('json', (c) => heartbeats.touch(c)),
  ];
  for (const connection of [broken, whole]) heartbeats.watch(connection);
  pass(60_000);
  assert.equal(broken.log.at(-1)?.[1], 'internal');
  assert.deepEqual(whole.log.at(-1), [50_000, 'ping']);
  assert.match(String(faults), /^Error: broken$/);
});

test('each dialect has the heartbeat frame of its protocol', () => {
  assert.deepEqual(frames.json, Buffer.from([0x89, 0]));
  assert.deepEqual(frames.yunque, Buffer.from([0x82, 5, 1, ...Buffer.from('PING')]));
  assert.deepEqual(frames.cim, frames.yunque);
  assert.equal(frames['cim-json'][0], 0x81);
  assert.deepEqual(JSON.parse(frames['cim-json'].subarray(2).toString()), { type: 1 });
});
