import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastMade } from '../../../src/util/last-made.ts';

test('what was made last is kept, and nothing else', () => {
  const asked: string[] = [];
  const upper = lastMade((text) => {
    asked.push(text);
    return text.toUpperCase();
  });
  assert.deepEqual(['a', 'a', 'b', 'b', 'a', ''].map(upper), ['A', 'A', 'B', 'B', 'A', '']);
  assert.deepEqual(asked, ['a', 'b', 'a', '']);
});
