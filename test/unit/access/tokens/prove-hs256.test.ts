import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createJwtSource } from '../../../../src/access/tokens/jwt-source.ts';
import { createRandom, pick } from '../../../support/random.ts';
import { forge, goodClaims, part, seconds, secret } from './keys.ts';

const openSource = (kid?: string) =>
  createJwtSource({ name: 'jwt', algorithm: 'HS256', key: secret, kid, idBytes: 256, clockSkewMs: 30_000 });

describe('a JWT of HS256', () => {
  it('is judged at once where its signature is good and its header plain', async () => {
    const { checkNow, check } = await openSource();
    for (const claims of [
      goodClaims(),
      { ...goodClaims(), exp: seconds(-600) },
      { sub: 'alice' },
      { ...goodClaims(), nbf: 'x' },
    ]) {
      const verdict = checkNow?.(forge(claims));
      assert.notEqual(verdict, undefined);
      assert.deepEqual(verdict, await check(forge(claims), undefined));
    }
  });

  it('is left to the library where its header says more than algorithm, type and key', async () => {
    const { checkNow } = await openSource();
    for (const more of [
      { crit: ['b64'], b64: false },
      { crit: [] },
      { jku: 'https://evil.example' },
      { alg: 'none' },
    ]) {
      assert.equal(checkNow?.(forge(goodClaims(), { header: { alg: 'HS256', ...more } })), undefined);
    }
  });

  it('has to name the key where one is asked for, also after one that did', async () => {
    const { checkNow } = await openSource('k1');
    assert.equal(checkNow?.(forge(goodClaims(), { header: { alg: 'HS256', kid: 'k1' } }))?.valid, true);
    assert.equal(checkNow?.(forge(goodClaims(), { header: { alg: 'HS256', kid: 'k2' } })), undefined);
    assert.equal(checkNow?.(forge(goodClaims())), undefined);
  });

  it('that was changed anywhere is never judged another way than by the library', async () => {
    const { checkNow, check } = await openSource();
    const random = createRandom(5);
    const good = forge({ ...goodClaims(), did: 'phone' });
    const signs = 'ABCDwxyz0189-_.=+/ \u00e9';
    let proven = 0;
    for (let round = 0; round < 2000; round += 1) {
      const at = pick(random, good.length);
      const sign = signs[pick(random, signs.length)] ?? '';
      const token = [
        good.slice(0, at) + sign + good.slice(at + 1),
        good.slice(0, at) + sign + good.slice(at),
        good.slice(0, at),
        `${good.slice(at)}.${good.slice(0, at)}`,
      ][round % 4] as string;
      const verdict = checkNow?.(token);
      if (verdict === undefined) continue;
      proven += 1;
      assert.deepEqual(verdict, await check(token, undefined), token);
      assert.equal(token, good);
    }
    assert.ok(proven < 100);
    const payload = part({ ...goodClaims(), sub: 'mallory' });
    const [head, , mac] = good.split('.');
    assert.equal(checkNow?.(`${head}.${payload}.${mac}`), undefined);
  });
});
