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

  it('is not proven by characters that only look like those of its signature in Latin-1', async () => {
    const { checkNow } = await openSource();
    const token = forge(goodClaims());
    const alike = token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 0x100);
    assert.equal(checkNow?.(alike), undefined);
  });

  it('has the claims that the library reads in it, whatever they are', async () => {
    const rules = { name: 'jwt', algorithm: 'HS256', key: secret, idBytes: 16, clockSkewMs: 30_000 } as const;
    const plain = await createJwtSource(rules);
    const strict = await createJwtSource({ ...rules, issuer: 'us', audience: 'here' });
    const values = {
      sub: ['alice', '', 'al\u0000ice', '小明', 'x'.repeat(17), 7, null, undefined],
      exp: [seconds(600), seconds(-10), seconds(-600), '9e9', 1e300, null, undefined],
      iat: [undefined, seconds(-5), seconds(600), 'x', null],
      nbf: [undefined, seconds(-5), seconds(600), 'x', null],
      iss: [undefined, 'us', 'them', ['us'], 1],
      aud: [undefined, 'here', 'there', ['here', 'there'], [], 1],
      sys: [undefined, 'shop', '', 3],
      did: [undefined, 'phone', null, {}],
    };
    const random = createRandom(11);
    let good = 0;
    for (let round = 0; round < 1500; round += 1) {
      const claims: Record<string, unknown> = { ...goodClaims(), iss: 'us', aud: 'here' };
      const names = Object.keys(values) as (keyof typeof values)[];
      for (let change = round % 3; change >= 0; change -= 1) {
        const name = names[pick(random, names.length)] ?? 'sub';
        claims[name] = values[name][pick(random, values[name].length)];
      }
      const token = forge(claims);
      for (const { checkNow, check } of [plain, strict]) {
        const verdict = checkNow?.(token);
        good += Number(verdict?.valid);
        assert.deepEqual(verdict, await check(token, undefined), JSON.stringify(claims));
      }
    }
    assert.ok(good > 300 && good < 2700, `${good}`);
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
