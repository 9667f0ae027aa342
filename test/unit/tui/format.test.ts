import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInterval, formatShare } from '../../../src/tui/draw/format.ts';

test('a share is 100 % only when nothing is missing', () => {
  assert.deepEqual([1, 0.999_999_9, 0.9998, 0].map(formatShare), ['100 %', '99.99 %', '99.98 %', '0.00 %']);
  assert.equal(formatShare(undefined), '-');
});

test('an interval is written in the unit it was meant in', () => {
  assert.deepEqual([250, 1000, 1500, 60_000].map(formatInterval), ['250ms', '1s', '1.5s', '1m00s']);
});
