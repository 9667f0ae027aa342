import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { Privilege } from '../../../src/access/access.ts';
import { createAccess } from '../../../src/access/create-access.ts';
import { createKeyCheck, presentedKey } from '../../../src/access/operator-key.ts';
import { fakeRequest } from './fake-request.ts';

const operatorKey = 'k'.repeat(43);
const access = createAccess({ operatorKey, trustLoopback: true, trustedNetworks: [] });
const local = { from: '127.0.0.1', headers: { host: 'localhost' } };
const stranger = { from: '8.8.8.8', headers: { host: 'push.example' } };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const byKey: readonly Privilege[] = ['push', 'register', 'metrics'];
const byAddress: readonly Privilege[] = ['bind', ...byKey];

const judge = (asked: Parameters<typeof fakeRequest>[0], privilege: Privilege) =>
  access.judge(fakeRequest(asked), privilege);

describe('a stranger', () => {
  test('may connect, and nothing else; the refusal says what would allow it', () => {
    assert.deepEqual(judge(stranger, 'connect'), { allowed: true, by: 'anonymous' });
    for (const privilege of byAddress) {
      const judgement = judge(stranger, privilege);
      assert.ok(!judgement.allowed);
      assert.equal(judgement.code, 'forbidden');
      assert.match(judgement.hint, /auth\.trustedNetworks/);
    }
    const admin = judge(stranger, 'admin');
    assert.ok(!admin.allowed);
    assert.equal(admin.code, 'unauthorized');
    assert.match(admin.hint, /Authorization: Bearer/);
  });

  test('with the operator key may do everything but be a user', () => {
    const bind = judge({ ...stranger, headers: { ...stranger.headers, ...bearer(operatorKey) } }, 'bind');
    assert.equal(bind.allowed, false);
    for (const privilege of [...byKey, 'admin'] as const) {
      const asked = { ...stranger, headers: { ...stranger.headers, ...bearer(operatorKey) } };
      assert.deepEqual(judge(asked, privilege), { allowed: true, by: 'operator-key' });
    }
  });
});

describe('a trusted peer', () => {
  test('may do everything but administer', () => {
    for (const privilege of byAddress) assert.deepEqual(judge(local, privilege), { allowed: true, by: 'trusted-peer' });
    const admin = judge(local, 'admin');
    assert.ok(!admin.allowed);
    assert.equal(admin.code, 'unauthorized');
  });

  test('that presents a wrong key is refused: the key is judged, not the address', () => {
    for (const privilege of [...byKey, 'admin'] as const) {
      const judgement = judge({ ...local, headers: { ...local.headers, ...bearer('wrong') } }, privilege);
      assert.ok(!judgement.allowed);
      assert.equal(judgement.code, 'unauthorized');
    }
  });

  test('with a wrong key still connects and binds: neither is judged by a key', () => {
    for (const privilege of ['connect', 'bind'] as const) {
      assert.equal(judge({ ...local, headers: { ...local.headers, ...bearer('wrong') } }, privilege).allowed, true);
    }
  });
});

describe('the operator socket', () => {
  test('admits its connections to everything, and no other connection', () => {
    const socket = new Socket();
    const other = new Socket();
    access.admitOperatorSocket(socket);
    for (const privilege of [...byAddress, 'admin', 'connect'] as const) {
      assert.deepEqual(access.judge(fakeRequest({ from: undefined }, socket), privilege), {
        allowed: true,
        by: 'operator-socket',
      });
    }
    assert.equal(access.judge(fakeRequest({ from: undefined }, other), 'admin').allowed, false);
    assert.equal(access.judge(fakeRequest({ from: undefined }, other), 'push').allowed, false);
  });
});

describe('the presented key', () => {
  const cases: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
    ['Authorization: Bearer', { authorization: 'Bearer abc' }, 'abc'],
    ['the scheme in any case', { authorization: 'bEARER abc' }, 'abc'],
    ['several spaces', { authorization: 'Bearer   abc  ' }, 'abc'],
    ['X-API-Key', { 'x-api-key': 'abc' }, 'abc'],
    ['both: Authorization', { authorization: 'Bearer abc', 'x-api-key': 'def' }, 'abc'],
    ['another scheme: none', { authorization: 'Basic abc' }, undefined],
    ['another scheme beside X-API-Key', { authorization: 'Basic abc', 'x-api-key': 'def' }, 'def'],
    ['a scheme without a key: a wrong one', { authorization: 'Bearer ' }, ''],
    ['two words: a wrong one', { authorization: 'Bearer a b' }, 'a b'],
    ['an empty header: a wrong one', { 'x-api-key': '' }, ''],
    ['a cookie: none', { cookie: 'key=abc' }, undefined],
    ['nothing', {}, undefined],
  ];
  for (const [name, headers, expected] of cases) {
    test(name, () => assert.equal(presentedKey(fakeRequest({ headers })), expected));
  }

  test('is never taken from the URL', () => {
    assert.equal(
      presentedKey(fakeRequest({ url: `/admin/v1/stats?key=${operatorKey}&token=${operatorKey}` })),
      undefined,
    );
  });

  test('is found in a header of any length without trying long', () => {
    const started = performance.now();
    presentedKey(fakeRequest({ headers: { authorization: `Bearer${' '.repeat(15_000)}a b` } }));
    assert.ok(performance.now() - started < 500);
  });
});

describe('the key check', () => {
  test('accepts the key, and nothing near it', () => {
    const check = createKeyCheck(operatorKey);
    assert.equal(check(operatorKey), true);
    const near = ['', 'k', operatorKey.slice(1), `${operatorKey}k`, `${operatorKey} `, operatorKey.toUpperCase(), '\0'];
    for (const wrong of near) assert.equal(check(wrong), false, wrong);
  });

  test('takes keys of any length, so that no length is told by an exception or an early answer', () => {
    const check = createKeyCheck('云雀'.repeat(20));
    assert.equal(check('云雀'.repeat(20)), true);
    assert.equal(check('x'.repeat(100_000)), false);
  });
});
