import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileKeyPattern } from '../../../../src/egress/uplink/key-pattern.ts';

const cases: readonly [string, readonly string[], readonly string[]][] = [
  ['order', ['order'], ['', 'orders', 'Order', 'order.create', 'anorder']],
  ['order.*', ['order.', 'order.create', 'order.a.b'], ['order', 'orders.x', 'x.order.y']],
  ['*', ['', 'a', '*', 'a.b'], []],
  ['*.get', ['.get', 'a.get', 'a.b.get'], ['get', 'a.gets']],
  ['a*a', ['aa', 'aba', 'abaa'], ['a', 'ab', 'ba']],
  ['a*bc*d', ['abcd', 'aXbcYd', 'abcbcd'], ['abd', 'acbd', 'abc', 'abcdX']],
  ['a**b', ['ab', 'axb'], ['a', 'b']],
  ['a*bc*c', ['abcc', 'abcXc'], ['abc']],
  ['x.(+?)[y]', ['x.(+?)[y]'], ['xx(+?)y']],
];

describe('a key pattern', () => {
  for (const [pattern, matches, others] of cases) {
    test(`${pattern} takes ${matches.map((key) => JSON.stringify(key)).join(', ')}`, () => {
      const takes = compileKeyPattern(pattern);
      for (const key of matches) assert.equal(takes(key), true, key);
      for (const key of others) assert.equal(takes(key), false, key);
    });
  }

  test('takes no longer for a key that was made to be looked at for long', () => {
    const takes = compileKeyPattern('*a*a*a*a*a*a*a*a*a*a*b');
    const started = performance.now();
    assert.equal(takes('a'.repeat(65_536)), false);
    assert.ok(performance.now() - started < 1000);
  });
});
