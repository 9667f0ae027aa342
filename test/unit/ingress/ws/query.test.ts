import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQuery } from '../../../../src/ingress/ws/query.ts';
import { createRandom, pick } from '../../../support/random.ts';

test('a query says what URLSearchParams reads in it, with escapes and without', () => {
  const random = createRandom(3);
  const pieces = ['token', 'uid', '=', '=', '&', '&', 'a', 'tok', 'en', '?', '%26', '+', '%', 'é', '', '&&', '=='];
  const plain = pieces.filter((piece) => !/[%+]/.test(piece));
  for (let round = 0; round < 5000; round += 1) {
    const from = round % 2 === 0 ? plain : pieces;
    const text = Array.from({ length: pick(random, 12) }, () => from[pick(random, from.length)]).join('');
    const query = readQuery(text);
    const params = new URLSearchParams(text);
    for (const name of ['token', 'uid', 'a', '', 'tok', ...params.keys()]) {
      assert.equal(query.get(name), params.get(name), `${JSON.stringify(name)} in ${JSON.stringify(text)}`);
    }
  }
});
