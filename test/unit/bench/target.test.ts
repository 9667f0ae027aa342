import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMet, parseLimit } from '../../bench/harness/target.ts';
import { rows } from '../../bench/rows/index.ts';

describe('the targets of npm run bench', () => {
  test('a limit is a sense, a number and a unit', () => {
    assert.deepEqual(parseLimit('≤ 0.55×'), { sense: 'atMost', value: 0.55, unit: '×' });
    assert.deepEqual(parseLimit('≥ 60 000 /s'), { sense: 'atLeast', value: 60_000, unit: '/s' });
    assert.deepEqual(parseLimit('≤ 50 ms'), { sense: 'atMost', value: 50, unit: 'ms' });
  });

  test('what is no limit is refused with what was expected', () => {
    for (const text of ['0.55×', '< 3 %', '≤ 3', '≤ many /s', '']) assert.throws(() => parseLimit(text), /is no limit/);
  });

  test('a limit is met up to itself, on its own side, and never by what is no number', () => {
    const most = parseLimit('≤ 1.3×');
    assert.deepEqual(
      [1.2, 1.3, 1.31, Number.NaN].map((value) => isMet(most, value)),
      [true, true, false, false],
    );
    const least = parseLimit('≥ 0.8×');
    assert.deepEqual(
      [0.79, 0.8, 7, Number.NaN].map((value) => isMet(least, value)),
      [false, true, true, false],
    );
  });

  test('every row has limits that can be judged, and an id of its own', () => {
    for (const { targets } of rows) for (const { limit } of targets) parseLimit(limit);
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  });
});
