import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pacer } from '../../../src/load/pacer.ts';

/** A clock that only moves when it is told to, and the timers that hang on it. */
function createFakeTime() {
  let nowMs = 1000;
  let waiting: { readonly atMs: number; readonly call: () => void }[] = [];
  const put = (atMs: number, call: () => void) => {
    const one = { atMs, call };
    waiting.push(one);
    return {
      [Symbol.dispose]: () => {
        waiting = waiting.filter((each) => each !== one);
      },
    };
  };
  return {
    clock: () => nowMs,
    timers: {
      after: (ms: number, call: () => void) => put(nowMs + ms, call),
      nextTurn: (call: () => void) => put(nowMs + 0.1, call),
    },
    /** `lateMs`: how long after its time each timer fires. */
    run(untilMs: number, lateMs = 0) {
      for (;;) {
        const [next] = waiting.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs + lateMs > untilMs) break;
        waiting = waiting.filter((each) => each !== next);
        nowMs = Math.max(nowMs, next.atMs + lateMs);
        next.call();
      }
      nowMs = untilMs;
    },
    count: () => waiting.length,
  };
}

function start(perSecond: number, lanes: number) {
  const time = createFakeTime();
  const sent: { lane: number; intendedMs: number; sentMs: number }[] = [];
  const pacer = new Pacer({
    clock: time.clock,
    timers: time.timers,
    startMs: 1000,
    perSecond,
    lanes,
    send: (lane, intendedMs) => sent.push({ lane, intendedMs, sentMs: time.clock() }),
  });
  pacer.start();
  return { time, sent, pacer };
}

describe('Pacer', () => {
  test('means each request for its time, however coarse the timers are', () => {
    const { time, sent, pacer } = start(2000, 64);
    time.run(1020, 3);
    assert.ok(sent.length >= 30);
    for (const [at, { intendedMs, sentMs, lane }] of sent.entries()) {
      assert.equal(intendedMs, 1000 + at / 2);
      assert.equal(lane, at % 64);
      assert.ok(sentMs >= intendedMs);
    }
    assert.ok(pacer.worstLateMs >= 3 && pacer.worstLateMs < 5);
  });

  test('keeps the intended times of what had to wait for a lane, and sends it as soon as the lane is free', () => {
    const { time, sent, pacer } = start(1000, 2);
    time.run(1010);
    assert.deepEqual(
      sent.map(({ lane }) => lane),
      [0, 1],
    );
    pacer.free(0);
    assert.deepEqual(sent.at(-1), { lane: 0, intendedMs: 1002, sentMs: 1010 });
    pacer.free(0);
    assert.deepEqual(sent.at(-1), { lane: 0, intendedMs: 1004, sentMs: 1010 });
    assert.equal(sent.length, 4);
    assert.equal(pacer.scheduled, 11);
  });

  test('a server that stands still for a second is charged with every request of that second', () => {
    const { time, sent, pacer } = start(100, 1);
    time.run(2000);
    assert.equal(sent.length, 1);
    for (let answered = 0; answered < 100; answered++) pacer.free(0);
    const waited = sent.slice(1).map(({ intendedMs, sentMs }) => sentMs - intendedMs);
    assert.equal(waited.length, 100);
    assert.deepEqual([waited[0], waited[50], waited[99]], [990, 490, 0]);
  });

  test('waits the last of a long interval out turn by turn, so that it is on time', () => {
    const { time, sent, pacer } = start(10, 16);
    time.run(1999);
    assert.equal(sent.length, 10);
    assert.equal(pacer.isSpinning, true);
    for (const { intendedMs, sentMs } of sent) assert.ok(sentMs - intendedMs < 0.2);
  });

  test('sends nothing more, and waits for nothing, once it is stopped', () => {
    const { time, sent, pacer } = start(100, 1);
    time.run(1500);
    pacer.stop();
    pacer.free(0);
    time.run(3000);
    assert.equal(sent.length, 1);
    assert.equal(time.count(), 0);
  });
});
