import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { createHmacSha256 } from '../../../../src/access/tokens/hmac-sha256.ts';
import { createRandom, pick } from '../../../support/random.ts';

test('HMAC-SHA256 is what createHmac makes, for keys and texts of any length, one after the other', () => {
  const random = createRandom(7);
  for (const keyBytes of [1, 32, 63, 64, 65, 200]) {
    const key = createSecretKey(Buffer.from(Array.from({ length: keyBytes }, () => pick(random, 256))));
    const sign = createHmacSha256(key);
    for (const length of [0, 1, 300, 55, 56, 64, 8192, 10, 20_000, 119]) {
      const text = Array.from({ length }, () => String.fromCharCode(33 + pick(random, 94))).join('');
      assert.equal(sign(text), createHmac('sha256', key).update(text).digest('base64url'), `${keyBytes}, ${length}`);
    }
  }
});
