import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromLong, int64Json, parseInt64, toLong } from '../../../src/wire/int64.ts';
import { createRandom, pick } from '../../support/random.ts';

const edges = [
  0n,
  1n,
  -1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n,
  -(2n ** 32n),
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
];
const far = [-(2n ** 53n) + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];

test('every int64 survives the way into protobufjs and back', () => {
  const random = createRandom(1);
  const any = Array.from({ length: 5000 }, () => {
    const bits = BigInt(Math.floor(random() * 2 ** 32)) * 2n ** 32n + BigInt(Math.floor(random() * 2 ** 32));
    return BigInt.asIntN(64, bits) >> BigInt(pick(random, 64));
  });
  for (const value of [...edges, ...far, ...any]) {
    const long = toLong(value);
    assert.equal(long.low, Number(BigInt.asIntN(32, value)));
    assert.equal(long.high, Number(BigInt.asIntN(32, value >> 32n)));
    assert.equal(fromLong(long), value);
  }
});

test('what lies beyond 64 bits loses its upper bits, as in protobuf', () => {
  assert.equal(fromLong(toLong(2n ** 64n + 5n)), 5n);
  assert.equal(fromLong(toLong(2n ** 63n)), -(2n ** 63n));
});

test('digits are an int64 exactly within its range', () => {
  assert.equal(parseInt64('9223372036854775807'), 2n ** 63n - 1n);
  assert.equal(parseInt64('-9223372036854775808'), -(2n ** 63n));
  assert.equal(parseInt64('-0'), 0n);
  for (const text of [
    '9223372036854775808',
    '-9223372036854775809',
    '',
    ' 1',
    '1 ',
    '+1',
    '1.0',
    '1e3',
    '0x1',
    '٣',
    '1n',
    '9'.repeat(1000),
  ]) {
    assert.equal(parseInt64(text), undefined, text);
  }
});

test('JSON gets a number where it is safe and a string beyond', () => {
  assert.equal(int64Json(2n ** 53n - 1n), '9007199254740991');
  assert.equal(int64Json(2n ** 53n), '"9007199254740992"');
  assert.equal(int64Json(-(2n ** 53n) + 1n), '-9007199254740991');
  assert.equal(int64Json(-(2n ** 63n)), '"-9223372036854775808"');
});
