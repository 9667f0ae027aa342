import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparkLevels, sparkline } from '../../../src/tui/draw/sparkline.ts';

test('a sparkline is scaled from zero to its peak', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█');
});

test('a gap is a space, and no level', () => {
  assert.equal(sparkline([7, undefined, 7], 3), '█ █');
});

test('the newest point stands at the right edge, and only the last ones that fit are drawn', () => {
  assert.equal(sparkline([1, 1], 4), '  ██');
  assert.equal(sparkline([9, 9, 9, 0, 1], 2), '▁█');
  assert.equal(sparkline([1], 0), '');
});

test('a trickle stands above silence', () => {
  assert.equal(sparkline([0, 1, 1_000_000], 3), '▁▂█');
  assert.equal(sparkline([0, 0], 2), '▁▁');
});

test('a terminal without Unicode gets ASCII levels', () => {
  assert.equal(sparkline([0, 5], 2, sparkLevels.ascii), '_#');
});
