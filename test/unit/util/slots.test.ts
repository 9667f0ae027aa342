import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createSlots } from '../../../src/util/slots.ts';

const never = new AbortController().signal;

it('so many are in at once, the next comes in when one leaves, in order', async () => {
  const slots = createSlots({ atOnce: 1, waiting: 10 });
  const order: number[] = [];
  assert.equal(await slots.enter(never), true);
  const waiting = [1, 2].map(async (n) => {
    assert.equal(await slots.enter(never), true);
    order.push(n);
    slots.leave();
  });
  assert.deepEqual(order, []);
  slots.leave();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2]);
});

it('who waits too long, or comes when too many wait, does not come in', async () => {
  const slots = createSlots({ atOnce: 1, waiting: 1 });
  await slots.enter(never);
  const patience = new AbortController();
  const first = slots.enter(patience.signal);
  assert.equal(await slots.enter(never), false);
  patience.abort();
  // Leaving in the same moment: the slot must not be given to the one who has gone.
  slots.leave();
  assert.equal(await first, false);
  assert.equal(await slots.enter(never), true);
});
