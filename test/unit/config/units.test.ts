import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, nearest } from '../../../src/config/nearest.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../../src/config/units.ts';

test('durations are read in each unit, and bare numbers as milliseconds', () => {
  const read = ['250ms', '10s', '5m', '1h', '1d', '1.5s', '10 s', '42', '0'].map(parseDuration);
  assert.deepEqual(read, [250, 10_000, 300_000, 3_600_000, 86_400_000, 1500, 10_000, 42, 0]);
});

test('sizes are read in binary and decimal units of any case, and bare numbers as bytes', () => {
  const read = ['64KiB', '1MiB', '1gib', '10kB', '1.5MB', '7B', '42'].map(parseSize);
  assert.deepEqual(read, [65_536, 1_048_576, 1_073_741_824, 10_000, 1_500_000, 7, 42]);
});

test('what is neither is refused', () => {
  for (const text of [
    '',
    's',
    '10x',
    '-1s',
    '1e3',
    '10S',
    '0.5ms',
    '99999999999999999999',
    '1s1s',
    'Infinity',
    '10 s s',
  ]) {
    assert.equal(parseDuration(text), undefined, text);
  }
  for (const text of ['', 'KiB', '1KKiB', '-1', '0.5', '1 s']) assert.equal(parseSize(text), undefined, text);
});

test('what is written is read as the same amount', () => {
  let seed = 20_260_101;
  for (let round = 0; round < 2000; round++) {
    seed = (seed * 48_271) % 2_147_483_647;
    const amount = round % 2 === 0 ? seed : seed - (seed % 1000);
    assert.equal(parseDuration(formatDuration(amount)), amount);
    assert.equal(parseSize(formatSize(amount)), amount);
  }
  assert.deepEqual([formatDuration(0), formatDuration(90_000), formatDuration(1)], ['0s', '90s', '1ms']);
  assert.deepEqual([formatSize(0), formatSize(65_536), formatSize(1000)], ['0B', '64KiB', '1000B']);
});

test('the distance of two names counts inserts, deletes, replacements and swaps', () => {
  assert.equal(distance('port', 'port'), 0);
  assert.equal(distance('prot', 'port'), 1);
  assert.equal(distance('hearbeat', 'heartbeat'), 1);
  assert.equal(distance('', 'abc'), 3);
  assert.equal(distance('kitten', 'sitting'), 3);
});

test('short names need to be closer than long ones, and endless ones are not compared', () => {
  assert.equal(nearest('pot', ['port']), 'port');
  assert.equal(nearest('xy', ['ab']), undefined);
  assert.equal(nearest('a'.repeat(100), ['a'.repeat(100)]), undefined);
});
