import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derived } from '../../../src/util/derived.ts';

test('what is made of a value is made once, and again when it is another one', () => {
  let source: readonly number[] = [1, 2];
  const made: (readonly number[])[] = [];
  const sum = derived(
    () => source,
    (numbers) => {
      made.push(numbers);
      return numbers.reduce((all, each) => all + each, 0);
    },
  );
  assert.deepEqual([sum(), sum()], [3, 3]);
  source = [5];
  assert.deepEqual([sum(), sum()], [5, 5]);
  assert.equal(made.length, 2);
});
