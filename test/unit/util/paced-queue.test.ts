import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PacedQueue } from '../../../src/util/paced-queue.ts';

test('a little is done at once, and there is nothing to wait for', async () => {
  const queue = new PacedQueue(10);
  const seen: string[] = [];
  for (const name of ['a', 'b']) queue.add(() => seen.push(name));
  assert.deepEqual(seen, ['a', 'b']);
  await queue.whenIdle();
});

test('much is done in order, and the loop has a turn in between', async () => {
  const queue = new PacedQueue(10);
  const seen: number[] = [];
  const all = Array.from({ length: 25 }, (_, n) => n);
  for (const n of all) {
    queue.add(() => {
      seen.push(n);
      return 2;
    });
  }
  assert.equal(seen.length, 5);
  await setImmediate();
  assert.ok(seen.length >= 10 && seen.length < 25, `${seen.length} after a turn`);
  await queue.whenIdle();
  assert.deepEqual(seen, all);
});

test('what a task adds while others wait comes after them', async () => {
  const queue = new PacedQueue(1);
  const seen: string[] = [];
  const task = (name: string, adds?: string) => () => {
    seen.push(name);
    if (adds !== undefined) queue.add(task(adds));
    return 1;
  };
  queue.add(task('first'));
  queue.add(task('second', 'fourth'));
  queue.add(task('third'));
  await queue.whenIdle();
  assert.deepEqual(seen, ['first', 'second', 'third', 'fourth']);
});
