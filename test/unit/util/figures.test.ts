import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAge, formatBytes, formatCount, formatExact, formatMs, formatRate } from '../../../src/util/figures.ts';

test('counts are grouped up to a million and scaled from there', () => {
  assert.deepEqual([0, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567, 45_600_000, 999_999_999].map(formatCount), [
    '0',
    '999',
    '1,000',
    '12,345',
    '999,999',
    '1.00M',
    '1.23M',
    '45.6M',
    '1.00G',
  ]);
});

test('an exact count has all its digits', () => {
  assert.deepEqual([0, 1000, 1_234_567, 999_999_999].map(formatExact), ['0', '1,000', '1,234,567', '999,999,999']);
});

test('a trickle does not look like silence', () => {
  assert.deepEqual([0, 0.01, 0.3, 9.94, 9.96, 12_345.6].map(formatRate), ['0', '<0.1', '0.3', '9.9', '10', '12,346']);
});

test('bytes go by powers of 1024', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 12_595, 129_000_000, 5 * 2 ** 30].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '12.3 KiB',
    '123 MiB',
    '5.0 GiB',
  ]);
});

test('no count is wider than 7 columns and no size wider than 8, around every power', () => {
  for (let exponent = 0; exponent < 57; exponent++) {
    for (const near of [0.999, 0.9994, 0.9996, 1, 1.001, 1.5]) {
      const figure = Math.round(2 ** exponent * near);
      assert.ok(formatCount(figure).length <= 7, formatCount(figure));
      assert.ok(formatBytes(figure).length <= 8, formatBytes(figure));
    }
    for (const near of [-1, 0, 1]) {
      const figure = 10 ** Math.min(exponent, 17) + near;
      assert.ok(formatCount(figure).length <= 7, formatCount(figure));
      assert.ok(formatBytes(figure).length <= 8, formatBytes(figure));
    }
  }
});

test('ages show two units', () => {
  assert.deepEqual([-3, 0, 59.9, 60, 252, 3600, 11_100, 187_200, 34_560_000].map(formatAge), [
    '0s',
    '0s',
    '59s',
    '1m00s',
    '4m12s',
    '1h00m',
    '3h05m',
    '2d04h',
    '400d',
  ]);
});

test('durations carry their unit', () => {
  assert.deepEqual([0.4, 12.3, 3200].map(formatMs), ['0.4 ms', '12 ms', '3.2 s']);
});

test('what is not known is a dash', () => {
  for (const format of [formatAge, formatBytes, formatCount, formatMs, formatRate]) {
    assert.deepEqual([format(undefined), format(Number.NaN)], ['-', '-']);
  }
});
