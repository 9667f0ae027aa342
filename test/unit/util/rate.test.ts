import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRate, take } from '../../../src/util/rate.ts';

/** How many of those that ask, one every `everyMs` for `forMs`, are let through. */
function passed(options: { perSecond: number; burst: number; everyMs: number; forMs: number }): number {
  const rate = createRate(options);
  let fullAt = 0;
  let count = 0;
  for (let n = 0; n * options.everyMs < options.forMs; n += 1) {
    const next = take(rate, fullAt, 1000 + n * options.everyMs);
    if (next === undefined) continue;
    fullAt = next;
    count += 1;
  }
  return count;
}

test('after a quiet time exactly a burst passes at once', () => {
  assert.equal(passed({ perSecond: 10, burst: 25, everyMs: 0.001, forMs: 1 }), 25);
});

test('in the long run exactly the rate passes, however many ask', () => {
  assert.equal(passed({ perSecond: 10, burst: 25, everyMs: 1, forMs: 60_000 }), 25 + 60 * 10 - 1);
  assert.equal(passed({ perSecond: 10, burst: 1, everyMs: 7, forMs: 60_000 }) - 1, 60_000 / 105 - (60_000 % 105) / 105);
});

test('whoever asks at the rate, evenly, is never refused', () => {
  for (const perSecond of [1, 3, 7, 100, 3333]) {
    const everyMs = 1000 / perSecond;
    assert.equal(passed({ perSecond, burst: 1, everyMs, forMs: 30_000 - everyMs / 2 }), 30 * perSecond);
  }
});

test('several are taken together or not at all', () => {
  const rate = createRate({ perSecond: 10, burst: 25 });
  assert.equal(take(rate, 0, 1000, 26), undefined);
  const after = take(rate, 0, 1000, 20) ?? 0;
  assert.equal(take(rate, after, 1000, 6), undefined);
  assert.ok(take(rate, after, 1000, 5) !== undefined);
  assert.ok(take(rate, after, 1100, 6) !== undefined);
});
