import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TimingWheel, WheelItem } from '../../../src/util/timing-wheel.ts';
import { createRandom, pick } from '../../support/random.ts';
import { createWheel } from '../../support/wheel.ts';

/** A wheel, and items with a name that write down the tick in which they were due. */
function start(buckets?: number) {
  const due: [name: number, tick: number][] = [];
  const { wheel, ...others } = createWheel(buckets);
  const item = (name = 1, then: (item: WheelItem, wheel: TimingWheel) => void = () => {}) => ({
    name,
    dueTick: -1,
    onDue() {
      due.push([name, wheel.now]);
      then(this, wheel);
    },
  });
  return { wheel, due, item, ...others };
}

describe('an appointment', () => {
  test('is kept once, on its tick', () => {
    const { wheel, due, item, advance } = start();
    wheel.schedule(item(), 3);
    advance(2);
    assert.deepEqual(due, []);
    advance(5000);
    assert.deepEqual(due, [[1, 3]]);
  });

  test('further away than the wheel is round is kept on its tick too', () => {
    const { wheel, due, item, advance } = start(8);
    wheel.schedule(item(1), 8);
    wheel.schedule(item(2), 9);
    wheel.schedule(item(3), 83);
    advance(100);
    assert.deepEqual(due, [
      [1, 8],
      [2, 9],
      [3, 83],
    ]);
  });

  test('replaces the one before, and can be cancelled, once or twice', () => {
    const { wheel, due, item, advance } = start();
    const [moved, cancelled] = [item(1), item(2)];
    wheel.schedule(moved, 2);
    wheel.schedule(moved, 5);
    wheel.schedule(cancelled, 2);
    wheel.cancel(cancelled);
    wheel.cancel(cancelled);
    assert.equal(cancelled.dueTick, -1);
    advance(10);
    assert.deepEqual(due, [[1, 5]]);
  });

  test('made while another is kept is not kept in the same tick, even in the same bucket', () => {
    const { wheel, due, item, advance } = start(4);
    const again = item(1, (kept) => {
      if (wheel.now < 12) wheel.schedule(kept, 4);
    });
    wheel.schedule(again, 4);
    advance(40);
    assert.deepEqual(
      due.map(([, tick]) => tick),
      [4, 8, 12],
    );
  });

  test('cancelled by another of the same tick is not kept', () => {
    const { wheel, due, item, advance } = start(4);
    const second = item(2);
    wheel.schedule(
      item(1, () => wheel.cancel(second)),
      2,
    );
    wheel.schedule(second, 2);
    advance(10);
    assert.deepEqual(due, [[1, 2]]);
  });
});

test('an item that fails is told of and may end what it belongs to, even if that fails; the others of its tick are kept', () => {
  const { wheel, due, item, faults, advance } = start();
  const ended: number[] = [];
  const broken = (name: number, onFault?: () => void) => ({
    ...item(name, () => {
      throw new Error(`${name} is broken`);
    }),
    ...(onFault !== undefined && { onFault }),
  });
  const items = [
    broken(1, () => ended.push(1)),
    broken(2),
    broken(3, () => {
      throw new Error('3 cannot end');
    }),
    item(4),
  ];
  for (const each of items) wheel.schedule(each, 2);
  advance(2);
  assert.deepEqual(
    due.map(([name]) => name),
    [1, 2, 3, 4],
  );
  assert.deepEqual(ended, [1]);
  assert.deepEqual(
    faults.map((fault) => (fault as Error).message),
    ['1 is broken', '2 is broken', '3 is broken', '3 cannot end'],
  );
});

test('milliseconds are rounded up to ticks, at least one', () => {
  const { wheel } = start();
  assert.deepEqual(
    [-5, 0, 1, 100, 101, 25_000].map((ms) => wheel.toTicks(ms)),
    [1, 1, 1, 1, 2, 250],
  );
});

test('the timer ticks between start and stop, and starting twice is starting once', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { wheel } = start();
  wheel.start();
  wheel.start();
  t.mock.timers.tick(1000);
  assert.deepEqual([wheel.now, wheel.nowMs], [10, 1000]);
  wheel.stop();
  t.mock.timers.tick(1000);
  assert.equal(wheel.now, 10);
  wheel.start();
  t.mock.timers.tick(100);
  wheel.stop();
  assert.equal(wheel.now, 11);
});

test('agrees with a plain list of deadlines over any sequence of appointments and cancellations', () => {
  const random = createRandom(3);
  const { wheel, due, item } = start(16);
  const items = Array.from({ length: 50 }, (_, name) => item(name));
  const deadlines = new Map<number, number>();
  const expected: [number, number][] = [];
  for (let now = 1; now <= 3000; now += 1) {
    for (let n = 0; n < 3; n += 1) {
      const one = items[pick(random, items.length)] as (typeof items)[0];
      if (random() < 0.3) {
        wheel.cancel(one);
        deadlines.delete(one.name);
      } else {
        const ticks = 1 + pick(random, 60);
        wheel.schedule(one, ticks);
        deadlines.set(one.name, now - 1 + ticks);
      }
    }
    wheel.tick();
    for (const [name, at] of deadlines) {
      if (at !== now) continue;
      expected.push([name, now]);
      deadlines.delete(name);
    }
  }
  const sorted = (all: [number, number][]) => all.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]);
  assert.ok(due.length > 1000);
  assert.deepEqual(sorted(due), sorted(expected));
});
