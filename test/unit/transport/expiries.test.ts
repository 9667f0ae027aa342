import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Expiries, type Expiring } from '../../../src/transport/expiries.ts';

const start = 1_800_000_000_000;

interface Item extends Expiring {
  readonly name: string;
}

const item = (name: string): Item => ({ name, expiresIn: undefined });

/** Items with a name, over a clock that the test sets. */
function create() {
  let now = start;
  const due: string[] = [];
  const expiries = new Expiries<Item>({ now: () => now, onDue: ({ name }) => due.push(name) });
  const at = (ms: number) => {
    now = start + ms;
    expiries.check();
    return due.splice(0);
  };
  return { expiries, at };
}

describe('what has an end', () => {
  test('ends at it, within a second, and once', () => {
    const { expiries, at } = create();
    expiries.schedule(item('a'), start + 5000);
    expiries.schedule(item('b'), start + 5001);
    assert.deepEqual(at(4999), []);
    assert.deepEqual(at(5000), ['a']);
    assert.deepEqual(at(5999), []);
    assert.deepEqual(at(6000), ['b']);
    assert.deepEqual(at(20_000), []);
  });

  test('in the past is due at the next full second', () => {
    const { expiries, at } = create();
    expiries.schedule(item('a'), start - 60_000);
    assert.deepEqual(at(999), []);
    assert.deepEqual(at(1000), ['a']);
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

  test('is caught up with after a pause or a clock set forward, however far', () => {
    const { expiries, at } = create();
    for (const second of [1, 30, 86_400]) expiries.schedule(item(`${second}`), start + second * 1000);
    assert.deepEqual(at(40_000).sort(), ['1', '30']);
    assert.deepEqual(at(400 * 86_400_000), ['86400']);
  });

  test('goes by the clock when that is set back', () => {
    const { expiries, at } = create();
    expiries.schedule(item('a'), start + 5000);
    assert.deepEqual(at(-3_600_000), []);
    expiries.schedule(item('b'), start - 3_500_000);
    assert.deepEqual(at(-3_500_000), ['b']);
    assert.deepEqual(at(5000), ['a']);
  });

  test('may end others while it ends', () => {
    let now = start;
    const due: string[] = [];
    const [a, b] = [item('a'), item('b')];
    const expiries: Expiries<Item> = new Expiries({
      now: () => now,
      onDue: ({ name }) => {
        due.push(name);
        expiries.forget(name === 'a' ? b : a);
      },
    });
    expiries.schedule(a, start + 1000);
    expiries.schedule(b, start + 1000);
    now += 1000;
    expiries.check();
    assert.deepEqual(due, ['a']);
  });

  test('is found by the timer', async () => {
    const due = new Promise<string>((resolve) => {
      const expiries = new Expiries<Item>({
        checkMs: 5,
        onDue: ({ name }) => {
          expiries.stop();
          resolve(name);
        },
      });
      expiries.start();
      expiries.schedule(item('a'), Date.now());
    });
    assert.equal(await due, 'a');
  });
});
