import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { FrameMeter } from '../../../src/transport/frame-meter.ts';
import { InboundGuard, type InboundLimits } from '../../../src/transport/inbound-guard.ts';
import { createRandom, pick, pickOf } from '../../support/random.ts';
import { clientFrame, opcode } from '../../support/raw-frames.ts';
import { createWheel } from '../../support/wheel.ts';

const none: InboundLimits = { frameRate: 0, frameBurst: 1, assemblyMs: 1e9, unfinishedBytes: 1e9 };
const text = (bytes: number) => clientFrame(opcode.text, Buffer.alloc(bytes, 'x'));
const part = (bytes: number) => clientFrame(opcode.text, Buffer.alloc(bytes, 'x'), { fin: false });
const ping = clientFrame(opcode.ping, Buffer.alloc(0));

describe('a meter of frames', () => {
  test('counts the same frames however their bytes are cut', () => {
    const random = createRandom(47);
    for (let round = 0; round < 300; round += 1) {
      const frames: Buffer[] = [];
      const messages = 1 + pick(random, 5);
      for (let n = 0; n < messages; n += 1) {
        const fragments = pick(random, 4);
        const size = () => pickOf(random, [0, 1, 125, 126, 300, 65_535, 65_536]);
        for (let m = 0; m < fragments; m += 1) {
          const code = m === 0 ? opcode.binary : opcode.continuation;
          frames.push(clientFrame(code, Buffer.alloc(size()), { fin: false }));
          if (pick(random, 2) === 0) frames.push(ping);
        }
        frames.push(clientFrame(fragments === 0 ? opcode.text : opcode.continuation, Buffer.alloc(size())));
      }
      const bytes = Buffer.concat(frames);
      const meter = new FrameMeter();
      let counted = 0;
      for (let at = 0; at < bytes.length; ) {
        const end = Math.min(bytes.length, at + 1 + pick(random, pickOf(random, [2, 200, 100_000])));
        counted += meter.read(bytes.subarray(at, end)).frames;
        at = end;
      }
      assert.equal(counted, frames.length);
      assert.equal(meter.isUnfinished, false);
    }
  });

  test('knows where the last whole message ends, and that a ping inside a message ends nothing', () => {
    const meter = new FrameMeter();
    const chunk = Buffer.concat([text(10), ping, part(3)]);
    assert.deepEqual(meter.read(chunk), { frames: 3, settledAt: text(10).length + ping.length });
    assert.deepEqual(meter.read(ping), { frames: 1, settledAt: 0 });
    assert.equal(meter.isUnfinished, true);
    const last = clientFrame(opcode.continuation, Buffer.alloc(0));
    assert.deepEqual(meter.read(last), { frames: 1, settledAt: last.length });
    assert.equal(meter.isUnfinished, false);
  });

  test('is unfinished after the first byte of a frame, and after half of any frame', () => {
    for (const whole of [text(0), text(126), text(70_000), ping]) {
      for (const cut of [1, Math.ceil(whole.length / 2), whole.length - 1]) {
        const meter = new FrameMeter();
        meter.read(whole.subarray(0, cut));
        assert.equal(meter.isUnfinished, true);
        meter.read(whole.subarray(cut));
        assert.equal(meter.isUnfinished, false);
      }
    }
  });
});

/** A guard whose time goes by in `pass`, and clients that write straight into it. */
function start(limits: Partial<InboundLimits>) {
  const { wheel } = createWheel();
  let pausedMs = 0;
  const guard = new InboundGuard({ ...none, ...limits }, wheel, () => wheel.nowMs + pausedMs);
  const connect = () => {
    const socket = new PassThrough();
    const client = {
      socket,
      closed: [] as string[],
      get isOpen() {
        return client.closed.length === 0;
      },
      close: (error: string, reason: string) => void client.closed.push(`${error}: ${reason}`),
      write: (...chunks: Buffer[]) => {
        for (const chunk of chunks) socket.emit('data', chunk);
      },
    };
    guard.watch(socket, client);
    return client;
  };
  const pass = (ms: number) => {
    for (let n = 0; n < ms; n += 100) wheel.tick();
  };
  /** Real time in which no tick was taken. */
  const pause = (ms: number) => {
    pausedMs += ms;
  };
  return { guard, connect, pass, pause };
}

describe('a message that is not finished', () => {
  test('closes its connection at the deadline and not before, whatever else is sent', () => {
    const { connect, pass } = start({ assemblyMs: 10_000 });
    const [half, fragments, done] = [connect(), connect(), connect()];
    half.write(text(1000).subarray(0, 500));
    fragments.write(part(10));
    done.write(part(10), clientFrame(opcode.continuation, Buffer.alloc(10)));
    pass(9000);
    half.write(text(1000).subarray(500, 501));
    fragments.write(ping, clientFrame(opcode.continuation, Buffer.alloc(10), { fin: false }));
    pass(900);
    assert.deepEqual([half.closed, fragments.closed], [[], []]);
    pass(100);
    const reason = 'stale: a message was not finished within 10 s (limits.assembly)';
    assert.deepEqual([half.closed, fragments.closed, done.closed], [[reason], [reason], []]);
  });

  test('has its whole time even when it begins right behind another', () => {
    const { connect, pass } = start({ assemblyMs: 10_000 });
    const client = connect();
    client.write(text(100).subarray(0, 50));
    pass(9000);
    client.write(Buffer.concat([text(100).subarray(50), text(100).subarray(0, 50)]));
    pass(9900);
    assert.deepEqual(client.closed, []);
    client.write(text(100).subarray(50));
    pass(20_000);
    assert.deepEqual(client.closed, []);
  });

  test('is given time that was really had: none goes by while the process is held up', () => {
    const { connect, pass, pause } = start({ assemblyMs: 10_000 });
    const client = connect();
    client.write(text(100).subarray(0, 50));
    pass(5000);
    pause(60_000);
    pass(4900);
    assert.deepEqual(client.closed, []);
    pass(100);
    assert.equal(client.closed.length, 1);
  });

  test('is all that the wheel has to do', () => {
    const { guard, connect, pass } = start({ assemblyMs: 10_000 });
    const client = connect();
    client.write(text(100));
    assert.equal(guard.dueTick, -1);
    client.write(text(100).subarray(0, 50));
    assert.notEqual(guard.dueTick, -1);
    client.write(text(100).subarray(50));
    pass(100);
    assert.equal(guard.dueTick, -1);
  });

  test('is no longer counted when it is finished, or its connection has gone', () => {
    const { guard, connect, pass } = start({ assemblyMs: 10_000 });
    const [one, two] = [connect(), connect()];
    one.write(text(100).subarray(0, 50));
    two.write(text(100).subarray(0, 50));
    assert.equal(guard.unfinished, 2);
    assert.ok(guard.heldBytes >= 100);
    one.write(text(100).subarray(50));
    two.socket.emit('close');
    assert.deepEqual([guard.unfinished, guard.heldBytes], [0, 0]);
    pass(20_000);
    assert.deepEqual([one.closed, two.closed], [[], []]);
  });

  test('is held in memory together with others up to the limit; the oldest goes first', () => {
    const { guard, connect } = start({ unfinishedBytes: 100_000 });
    const clients = Array.from({ length: 10 }, connect);
    for (const client of clients) client.write(text(60_000).subarray(0, 9000));
    assert.equal(clients.filter(({ closed }) => closed.length > 0).length, 0);
    clients[9]?.write(Buffer.alloc(9000));
    const [first, ...others] = clients;
    assert.deepEqual(first?.closed, ['unavailable: too many unfinished messages here (limits.unfinished)']);
    assert.equal(others.filter(({ closed }) => closed.length > 0).length, 0);
    assert.ok(guard.heldBytes <= 100_000);
  });

  test('costs more than its bytes where it comes in pieces', () => {
    const { connect } = start({ unfinishedBytes: 100_000 });
    const drip = connect();
    drip.write(text(60_000).subarray(0, 10));
    for (let n = 0; n < 500; n += 1) drip.write(Buffer.alloc(1));
    assert.equal(drip.closed.length, 1);
  });
});

describe('too many frames', () => {
  test('are more than a burst at once, of any kind', () => {
    const { connect } = start({ frameRate: 10, frameBurst: 50 });
    for (const frame of [text(5), ping, clientFrame(opcode.pong, Buffer.alloc(0)), part(0)]) {
      const client = connect();
      client.write(Buffer.concat(Array.from({ length: 50 }, () => frame)));
      assert.deepEqual(client.closed, []);
      client.write(frame);
      assert.deepEqual(client.closed, ['too_many_requests: more than 10 frames a second (limits.frameRate)']);
      client.write(frame);
      assert.equal(client.closed.length, 1);
    }
  });

  test('are more than the rate in the long run; whoever stays at it stays', () => {
    const { connect, pass } = start({ frameRate: 10, frameBurst: 5 });
    const [steady, faster] = [connect(), connect()];
    for (let second = 0; second < 120; second += 1) {
      for (let tenth = 0; tenth < 10; tenth += 1) {
        steady.write(ping);
        faster.write(ping);
        pass(100);
      }
      faster.write(ping);
    }
    assert.deepEqual(steady.closed, []);
    assert.equal(faster.closed.length, 1);
  });

  test('are counted by real time: what comes after the process was held up was allowed meanwhile', () => {
    const { connect, pause } = start({ frameRate: 10, frameBurst: 50 });
    const client = connect();
    const burst = Buffer.concat(Array.from({ length: 50 }, () => ping));
    client.write(burst);
    pause(5000);
    client.write(burst);
    assert.deepEqual(client.closed, []);
  });

  test('do not exist where the rate is 0', () => {
    const { connect } = start({ frameRate: 0 });
    const client = connect();
    client.write(Buffer.concat(Array.from({ length: 100_000 }, () => ping)));
    assert.deepEqual(client.closed, []);
  });
});
