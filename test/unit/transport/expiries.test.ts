import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Expiries, type Expiring } from '../../../src/transport/expiries.ts';
import { createWheel } from '../../support/wheel.ts';

const start = 1_800_000_000_000;

interface Item extends Expiring {
  readonly name: string;
}

const item = (name: string): Item => ({ name, expiresIn: undefined });

/** Items with a name, over a clock that the test sets; the wheel turns with it, once each time. */
function create(onDue: (item: Item, expiries: Expiries<Item>) => void = () => {}) {
  let now = start;
  const due: string[] = [];
  const faults: string[] = [];
  const { wheel } = createWheel();
  const expiries: Expiries<Item> = new Expiries<Item>(wheel, {
    now: () => now,
    onDue: (each) => {
      due.push(each.name);
      onDue(each, expiries);
    },
    onFault: (error, { name }) => faults.push(`${name}: ${(error as Error).message}`),
  });
  const at = (ms: number) => {
    now = start + ms;
    wheel.tick();
    return due.splice(0);
  };
  return { expiries, at, faults, wheel };
}

describe('what has an end', () => {
  test('ends at it, not before it, within a second, and once', () => {
    const { expiries, at } = create();
    expiries.schedule(item('a'), start + 5000);
    expiries.schedule(item('b'), start + 5001);
    assert.deepEqual(at(4999), []);
    assert.deepEqual(at(5000), ['a']);
    assert.deepEqual(at(5001), []);
    assert.deepEqual(at(5900), ['b']);
    assert.deepEqual(at(20_000), []);
  });

  test('in the past is due within a second', () => {
    const { expiries, at } = create();
    expiries.schedule(item('a'), start - 60_000);
    assert.deepEqual(at(900), ['a']);
  });

  test('can be moved, both ways, and forgotten', () => {
    const { expiries, at } = create();
    const [a, b, c] = [item('a'), item('b'), item('c')];
    for (const item of [a, b, c]) expiries.schedule(item, start + 5000);
    expiries.schedule(a, start + 9000);
    expiries.schedule(b, start + 2000);
    expiries.forget(c);
    expiries.forget(c);
    assert.deepEqual(at(2000), ['b']);
    assert.deepEqual(at(8999), []);
    assert.deepEqual(at(9000), ['a']);
  });

  test('is caught up with after a pause or a clock set forward, however far, the earliest first', () => {
    const { expiries, at } = create();
    for (const second of [86_400, 30, 1]) expiries.schedule(item(`${second}`), start + second * 1000);
    assert.deepEqual(at(40_000), ['1', '30']);
    assert.deepEqual(at(400 * 86_400_000), ['86400']);
  });

  test('goes by the clock when that is set back, also between two ticks', () => {
    const { expiries, at } = create();
    expiries.schedule(item('a'), start + 5000);
    assert.deepEqual(at(-3_600_000), []);
    expiries.schedule(item('b'), start - 3_500_000);
    assert.deepEqual(at(-3_500_000), ['b']);
    assert.deepEqual(at(5000), ['a']);
  });

  test('and begins right after the clock was set back is not kept until the clock is where it was', () => {
    let now = start;
    const due: string[] = [];
    const { wheel } = createWheel();
    const expiries = new Expiries<Item>(wheel, {
      now: () => now,
      onDue: ({ name }) => due.push(name),
      onFault: () => {},
    });
    expiries.schedule(item('a'), start + 5000);
    now = start - 3_600_000;
    expiries.schedule(item('b'), now + 5000);
    now += 5000;
    wheel.tick();
    assert.deepEqual(due, ['b']);
  });

  test('may end others while it ends', () => {
    const [a, b] = [item('a'), item('b')];
    const { expiries, at } = create(({ name }, all) => all.forget(name === 'a' ? b : a));
    expiries.schedule(a, start + 1000);
    expiries.schedule(b, start + 1000);
    assert.deepEqual(at(1000), ['a']);
  });

  test('and cannot be ended is told of; the others of its time end', () => {
    const { expiries, at, faults } = create(({ name }) => {
      if (name === 'a') throw new Error('broken');
    });
    for (const name of ['a', 'b']) expiries.schedule(item(name), start + 1000);
    expiries.schedule(item('c'), start + 2000);
    assert.deepEqual(at(1000), ['a', 'b']);
    assert.deepEqual(faults, ['a: broken']);
    assert.deepEqual(at(2000), ['c']);
  });
});

test('however many ends are far away, a tick looks at none of them', () => {
  const { expiries, at } = create();
  let looks = 0;
  const hour = 3_600_000;
  for (let n = 0; n < 100_000; n += 1) {
    const far = {
      name: 'far',
      at: undefined as number | undefined,
      get expiresIn() {
        looks += 1;
        return this.at;
      },
      set expiresIn(bucket) {
        this.at = bucket;
      },
    };
    expiries.schedule(far, start + 5 * hour);
  }
  looks = 0;
  // More turns of a wheel of 1024 ticks than one.
  for (let tick = 1; tick <= 3000; tick += 1) assert.deepEqual(at(tick * 100), []);
  assert.equal(looks, 0);
  assert.equal(at(5 * hour).length, 100_000);
});

test('where nothing has an end the wheel has nothing to do', () => {
  const { expiries, at } = create();
  assert.equal(expiries.dueTick, -1);
  const one = item('a');
  expiries.schedule(one, start + 1000);
  assert.notEqual(expiries.dueTick, -1);
  expiries.forget(one);
  at(100);
  assert.equal(expiries.dueTick, -1);
});
