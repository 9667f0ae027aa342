import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cutTo,
  fit,
  formatAge,
  formatBytes,
  formatCount,
  formatInterval,
  formatMs,
  formatRate,
  formatShare,
  printable,
  widthOf,
} from '../../../src/tui/format.ts';

test('text from strangers loses escape sequences, control characters and direction overrides', () => {
  assert.equal(printable('mallory\u001b[31m\u0007'), 'mallory');
  assert.equal(printable('a\u001b]0;title\u0007b'), 'ab');
  assert.equal(printable('a\u009b2Jb'), 'ab');
  assert.equal(printable('one\r\ntwo\tthree'), 'one two three');
  assert.equal(printable('abc\u202edef\u2066g'), 'abcdefg');
  assert.equal(printable('zero\u200bwidth\ufeff'), 'zerowidth');
  assert.equal(printable('half\ud800'), 'half\ufffd');
});

test('text that is harmless is kept, emoji sequences included', () => {
  for (const text of ['alice', '王小明', '👩‍👩‍👧‍👦', 'e\u0301tienne', 'a b']) assert.equal(printable(text), text);
});

test('a wide character counts two columns', () => {
  assert.equal(widthOf('王小明'), 6);
  assert.equal(widthOf('e\u0301'), 1);
});

test('fit gives exactly the width, whatever the script', () => {
  for (const text of ['', 'a', 'alice', '王小明', 'a王b小c明', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 'e\u0301e\u0301e\u0301e\u0301']) {
    for (let width = 0; width < 9; width++) {
      assert.equal(widthOf(fit(text, width)), width, `${text} in ${width}`);
      assert.equal(widthOf(fit(text, width, 'right')), width, `${text} in ${width}, right`);
    }
  }
});

test('a cut never splits a wide character and says that something is missing', () => {
  assert.equal(cutTo('王小明', 5), '王小…');
  assert.equal(cutTo('王小明', 4), '王…');
  assert.equal(fit('王小明', 4), '王… ');
  assert.equal(cutTo('abc', 2), 'a…');
});

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
  assert.equal(formatCount(undefined), '-');
});

test('a trickle does not look like silence', () => {
  assert.deepEqual([0, 0.01, 0.3, 9.94, 9.96, 12_345.6].map(formatRate), ['0', '<0.1', '0.3', '9.9', '10', '12,346']);
  assert.equal(formatRate(undefined), '-');
});

test('bytes go by powers of 1024', () => {
  assert.deepEqual([0, 1023, 1024, 1536, 129_000_000].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.00 KiB',
    '1.50 KiB',
    '123 MiB',
  ]);
});

test('ages show two units', () => {
  assert.deepEqual([0, 59.9, 60, 252, 3600, 11_100, 187_200, 34_560_000].map(formatAge), [
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

test('a share is 100 % only when nothing is missing', () => {
  assert.deepEqual([1, 0.999_999_9, 0.9998, 0].map(formatShare), ['100 %', '99.99 %', '99.98 %', '0.00 %']);
  assert.equal(formatShare(undefined), '-');
});

test('durations carry their unit', () => {
  assert.deepEqual([0.4, 12.3, 3200].map(formatMs), ['0.4 ms', '12 ms', '3.2 s']);
  assert.deepEqual([250, 1000, 1500, 60_000].map(formatInterval), ['250ms', '1s', '1.5s', '1m00s']);
});
