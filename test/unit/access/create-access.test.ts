import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { ConnectJudgement, Judgement, Privilege } from '../../../src/access/access.ts';
import { createAccess } from '../../../src/access/create-access.ts';
import { createOriginCheck } from '../../../src/access/origins.ts';
import { digestOfKey, matchesDigest, presentedKey } from '../../../src/access/presented-key.ts';
import type { KeyGrant } from '../../../src/api/keys.ts';
import { MemoryKeys } from '../../../src/store/memory-keys.ts';
import { readApiKey } from '../../../src/util/api-key.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';
import { fakeTokens } from '../../support/fake-access.ts';
import { type Asked, fakeRequest } from './fake-request.ts';

const operatorKey = 'k'.repeat(43);
const now = 1_800_000_000_000;
const keys = new MemoryKeys();
const make = async (grant: KeyGrant, expiresAt?: number) =>
  (await keys.rotate(grant, { now: false, createdAt: now, ...(expiresAt !== undefined && { expiresAt }) })).key;

/** `a` and `b` have keys, `default` has none. */
const ofA = {
  read: await make({ owner: 'system', system: 'a', role: 'read' }),
  push: await make({ owner: 'system', system: 'a', role: 'push' }),
  admin: await make({ owner: 'system', system: 'a', role: 'admin' }),
};
const ofB = await make({ owner: 'system', system: 'b', role: 'admin' });
const expiring = await make({ owner: 'system', system: 'b', role: 'push' }, now + 1000);
const operators = {
  read: await make({ owner: 'operator', role: 'read' }),
  operate: await make({ owner: 'operator', role: 'operate' }),
  admin: await make({ owner: 'operator', role: 'admin' }),
};
const wrong = `${ofA.admin.slice(0, -1)}${ofA.admin.endsWith('A') ? 'B' : 'A'}`;

const internal = new Socket();
let time = now;
const failed: string[] = [];
const access = createAccess({
  operatorKey,
  trustLoopback: true,
  trustedNetworks: [],
  keys,
  tokens: fakeTokens(['closed']),
  isAllowedOrigin: createOriginCheck(['https://good.com']),
  failedKeys: {
    bannedMs: (address) => (address === '6.6.6.6' ? 4100 : 0),
    failed: async (address) => failed.push(address) > 0,
  },
  clientAddress: ({ socket }) => socket.remoteAddress ?? '',
  isInternal: (socket) => socket === internal,
  now: () => time,
});

const privileges = [
  'read',
  'push',
  'close',
  'register',
  'login',
  'inspect',
  'operate',
  'administer',
  'metrics',
] as const;
const local: Asked = { from: '127.0.0.1', headers: { host: 'localhost' } };
const stranger: Asked = { from: '8.8.8.8', headers: { host: 'push.example' } };
const withKey = (asked: Asked, key: string): Asked => ({
  ...asked,
  headers: { ...asked.headers, authorization: `Bearer ${key}` },
});
const judge = (asked: Asked, privilege: Privilege, system?: string) =>
  access.judgeRequest(fakeRequest(asked), privilege, system);

/** What of everything that can be asked for somebody may do: `yes`, or the code of the refusal. */
async function row(asked: Asked, system?: string): Promise<Record<string, string>> {
  const judged = await Promise.all(privileges.map((privilege) => judge(asked, privilege, system)));
  return Object.fromEntries(privileges.map((privilege, at) => [privilege, word(judged[at] as Judgement)]));
}

const word = (judgement: Judgement | ConnectJudgement) => (judgement.allowed ? 'yes' : judgement.code);
const all = (answer: string) => Object.fromEntries(privileges.map((privilege) => [privilege, answer]));
const need = 'unauthorized';
const no = 'forbidden';
const admin = { inspect: need, operate: need, administer: need };

describe('the access table', () => {
  const onlyOperators = { register: no, login: no, inspect: no, operate: no, administer: no, metrics: no };
  for (const [who, asked, system, expected] of [
    ['a stranger without a key', stranger, undefined, { ...all(no), ...admin }],
    ['a stranger without a key, in a system with keys', stranger, 'a', { ...all(no), ...admin }],
    ['a trusted peer', local, undefined, { ...all('yes'), ...admin }],
    [
      'a trusted peer in a system with keys',
      local,
      'a',
      { ...all('yes'), read: need, push: need, close: need, ...admin },
    ],
    ['a stranger with the operator’s key', withKey(stranger, operatorKey), 'a', { ...all('yes'), login: no }],
    ['a stored operator key of role admin', withKey(stranger, operators.admin), 'a', { ...all('yes'), login: no }],
    [
      'one of role operate',
      withKey(stranger, operators.operate),
      'a',
      { ...all('yes'), register: no, login: no, administer: no },
    ],
    [
      'one of role read',
      withKey(stranger, operators.read),
      'a',
      { ...all(no), read: 'yes', inspect: 'yes', metrics: 'yes' },
    ],
    ['a system’s key of role admin', withKey(stranger, ofA.admin), undefined, { ...all('yes'), ...onlyOperators }],
    ['the same, naming its system', withKey(stranger, ofA.admin), 'a', { ...all('yes'), ...onlyOperators }],
    ['one of role push', withKey(stranger, ofA.push), 'a', { ...all('yes'), close: no, ...onlyOperators }],
    ['one of role read', withKey(stranger, ofA.read), 'a', { ...all(no), read: 'yes' }],
    ['another system’s key', withKey(stranger, ofB), 'a', all(no)],
    ['another system’s key, from a trusted peer', withKey(local, ofB), 'a', { ...all(no), login: 'yes' }],
    ['a wrong key', withKey(stranger, wrong), 'a', { ...all(need), login: no }],
    ['a wrong key, from a trusted peer', withKey(local, wrong), undefined, { ...all(need), login: 'yes' }],
    ['an empty key, from a trusted peer', withKey(local, ''), undefined, { ...all(need), login: 'yes' }],
    ['a key nobody has', withKey(stranger, `yq_${'0'.repeat(10)}_${'A'.repeat(43)}`), 'a', { ...all(need), login: no }],
  ] as const) {
    test(`${who}${system === undefined ? '' : ` (system ${system})`}`, async () => {
      assert.deepEqual(await row(asked, system), expected);
    });
  }

  test('a key that has expired is as good as none, and says so', async () => {
    time = now + 999;
    assert.equal(word(await judge(withKey(stranger, expiring), 'push')), 'yes');
    time = now + 1000;
    const judgement = await judge(withKey(stranger, expiring), 'push');
    time = now;
    assert.ok(!judgement.allowed);
    assert.deepEqual([judgement.code, judgement.message], ['unauthorized', 'the key has expired']);
  });

  test('a system’s key says which system is meant; the operator’s leaves it to the request', async () => {
    assert.deepEqual(await judge(withKey(stranger, ofA.push), 'push'), {
      allowed: true,
      principal: { kind: 'system-key', role: 'push', system: 'a', keyId: readApiKey(ofA.push)?.id },
      system: 'a',
    });
    const byOperator = await judge(withKey(stranger, operators.operate), 'push', 'b');
    assert.deepEqual(byOperator, {
      allowed: true,
      principal: { kind: 'operator', role: 'operate', by: 'key', keyId: readApiKey(operators.operate)?.id },
      system: undefined,
    });
  });

  test('keys that are not valid are counted under their address, and no others are', async () => {
    failed.length = 0;
    await judge(withKey(stranger, wrong), 'push');
    await judge(withKey(local, 'x'), 'operate');
    await judge(withKey(stranger, ofA.read), 'push');
    await judge(stranger, 'operate');
    await judge(local, 'push', 'a');
    assert.deepEqual(failed, ['8.8.8.8', '127.0.0.1']);
  });

  test('from an address that is banned for wrong keys no key is looked at', async () => {
    const banned = { ...stranger, from: '6.6.6.6' };
    const judgement = await judge(withKey(banned, ofA.push), 'push');
    assert.ok(!judgement.allowed);
    const { code, hint, retryAfterSeconds } = judgement;
    assert.deepEqual([code, hint, retryAfterSeconds], ['too_many_requests', 'wait 5 s', 5]);
    assert.equal(word(await judge(banned, 'push')), no, 'without a key it is judged as ever');
  });

  test('wrong, removed and never made are one answer', async () => {
    const gone = await make({ owner: 'system', system: 'c', role: 'push' });
    await keys.remove(readApiKey(gone)?.id ?? '');
    const answers = await Promise.all(
      [wrong, gone, 'x', `yq_${'0'.repeat(10)}_${'A'.repeat(43)}`].map((key) => judge(withKey(stranger, key), 'push')),
    );
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(word(await judge(local, 'push', 'c')), need, 'and a removed key opens nothing to the neighbours');
  });

  test('an operator may ask for less than its key allows, and never for more', async () => {
    const asRole = (asked: Asked, role: string) => ({ ...asked, headers: { ...asked.headers, 'x-yunque-role': role } });
    const readOnly = { ...all(no), read: 'yes', inspect: 'yes', metrics: 'yes' };
    assert.deepEqual(await row(asRole(withKey(stranger, operatorKey), 'read'), 'a'), readOnly);
    assert.deepEqual(await row(asRole(withKey(stranger, operators.read), 'admin'), 'a'), readOnly);
    assert.equal(word(await judge(asRole(withKey(stranger, operatorKey), 'root'), 'inspect')), no);
    const socket = new Socket();
    access.admitOperatorSocket(socket);
    const request = fakeRequest(asRole({ from: undefined }, 'read'), socket);
    assert.equal(word(await access.judgeRequest(request, 'operate', undefined)), no);
    assert.equal(
      word(await judge(asRole(withKey(stranger, ofA.push), 'read'), 'push')),
      'yes',
      'of systems’ keys it says nothing',
    );
  });

  test('each refusal names what would allow it', async () => {
    for (const [asked, privilege, system, hint] of [
      [stranger, 'push', undefined, /auth\.trustedNetworks.*rotate-key/],
      [stranger, 'register', undefined, /auth\.trustedNetworks/],
      [stranger, 'inspect', undefined, /serve banner/],
      [local, 'push', 'a', /rotate-key/],
      [withKey(stranger, wrong), 'push', undefined, /rotate-key/],
      [withKey(stranger, ofA.read), 'push', undefined, /role push/],
      [withKey(stranger, ofA.admin), 'operate', undefined, /operator/],
      [withKey(stranger, ofB), 'push', 'a', /SystemId/],
    ] as const) {
      const judgement = await judge(asked, privilege, system);
      assert.ok(!judgement.allowed);
      assert.match(judgement.hint, hint);
      assert.doesNotMatch(`${judgement.message}${judgement.hint}`, /yq_/);
    }
  });

  test('the figures are open on the internal listener, and nothing else is there', async () => {
    const judged = await Promise.all(
      privileges.map((privilege) => access.judgeRequest(fakeRequest(stranger, internal), privilege, undefined)),
    );
    assert.deepEqual(
      privileges.filter((_, at) => judged[at]?.allowed),
      ['metrics'],
    );
  });

  test('the operator socket admits its connections to everything, and no other connection', async () => {
    const socket = new Socket();
    access.admitOperatorSocket(socket);
    for (const privilege of privileges) {
      const judgement = await access.judgeRequest(fakeRequest({ from: undefined }, socket), privilege, 'a');
      assert.deepEqual(judgement, {
        allowed: true,
        principal: { kind: 'operator', role: 'admin', by: 'socket' },
        system: undefined,
      });
    }
    assert.deepEqual(await row({ from: undefined }), { ...all(no), ...admin });
  });
});

describe('connecting', () => {
  const connect = (asked: Asked, more: { system?: string; token?: string; bindsLater?: boolean } = {}) =>
    access.judgeConnect(fakeRequest(asked), {
      system: more.system,
      token: more.token,
      bindsLater: more.bindsLater ?? false,
    });

  test('is open to anybody where no token is required, whatever key comes along', async () => {
    for (const asked of [stranger, local, withKey(local, wrong)]) {
      assert.deepEqual(await connect(asked), { allowed: true, system: 'default', user: undefined });
    }
  });

  test('to a system with a token source takes a token, of trusted peers too; the operator’s socket needs none', async () => {
    assert.equal(word(await connect(stranger, { system: 'closed' })), need);
    assert.equal(word(await connect(local, { system: 'closed' })), need);
    assert.equal(word(await connect(stranger, { system: 'closed', token: 'alice' })), 'yes');
    const socket = new Socket();
    access.admitOperatorSocket(socket);
    const asked = { system: 'closed', token: undefined, bindsLater: false };
    assert.equal(word(await access.judgeConnect(fakeRequest({ from: undefined }, socket), asked)), 'yes');
  });

  test('of a dialect that binds may bring the token then', async () => {
    assert.equal(word(await connect(stranger, { system: 'closed', bindsLater: true })), 'yes');
  });

  test('with a token takes its word for user and system, and never another system’s', async () => {
    const judgement = await connect(stranger, { token: 'alice@b' });
    assert.deepEqual(judgement, { allowed: true, system: 'b', user: { uid: 'alice', system: 'b' } });
    assert.equal(word(await connect(stranger, { system: 'a', token: 'alice@b' })), need);
  });

  for (const [token, code] of [
    ['???', 'unauthorized'],
    ['expired', 'token_expired'],
    ['down', 'unavailable'],
  ] as const) {
    test(`with a token that is "${token}" is refused with ${code}, also where none is needed`, async () => {
      assert.equal(word(await connect(local, { token })), code);
    });
  }

  test('is refused to pages of origins that are not on the list, with any credential', async () => {
    const from = (origin: string) => ({ ...local, headers: { ...local.headers, origin } });
    assert.equal(word(await connect(from('https://good.com'))), 'yes');
    for (const origin of ['https://evil.com', 'https://good.com.evil.com', 'null', 'http://good.com']) {
      assert.equal(word(await connect(from(origin), { token: 'alice' })), no, origin);
    }
  });
});

describe('binding', () => {
  const bind = (asked: Asked, system: string, token?: string) =>
    access.judgeBind(access.trustOf(fakeRequest(asked)), { system, token });

  test('to any user is for trusted peers, until the system has a token source', async () => {
    assert.deepEqual(await bind(local, 'default'), { allowed: true, user: undefined });
    const stranded = await bind(stranger, 'default');
    assert.ok(!stranded.allowed);
    assert.match(stranded.hint, /auth\.trustedNetworks.*auth\.tokens/);
    for (const asked of [local, stranger]) {
      const judgement = await bind(asked, 'closed');
      assert.ok(!judgement.allowed);
      assert.deepEqual([judgement.code, judgement.message], [need, 'this system takes a token']);
    }
  });

  test('is no matter of keys', async () => {
    assert.equal((await bind(withKey(stranger, operatorKey), 'default')).allowed, false);
    assert.equal((await bind(withKey(local, wrong), 'default')).allowed, true);
  });

  test('by token gives its user, in its own system only', async () => {
    assert.deepEqual(await bind(stranger, 'closed', 'alice'), {
      allowed: true,
      user: { uid: 'alice', system: 'closed' },
    });
    assert.equal((await bind(local, 'default', 'alice@closed')).allowed, false);
    assert.equal((await bind(local, 'default', 'expired')).allowed, false);
  });

  test('over the operator’s socket takes nothing', async () => {
    const socket = new Socket();
    access.admitOperatorSocket(socket);
    const trust = access.trustOf(fakeRequest({ from: undefined }, socket));
    assert.equal((await access.judgeBind(trust, { system: 'closed', token: undefined })).allowed, true);
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

  test('is found in a header of any length without trying long', async () => {
    // Longer than any that Node takes, so that trying every two of its spaces would be a thousand million times.
    const asked = fakeRequest({ headers: { authorization: `Bearer${' '.repeat(30_000)}a b` } });
    const cpuMs = await cpuMsOf(() => presentedKey(asked));
    assert.ok(cpuMs < 200, `${cpuMs} ms`);
  });
});

test('who was let in by a key stands as long as the key does; nobody else’s standing ends', async () => {
  const ring = new MemoryKeys();
  const grant = { owner: 'operator', role: 'read' } as const;
  const { info } = await ring.rotate(grant, { now: false, createdAt: now, expiresAt: now + 1000 });
  let clock = now;
  const gate = createAccess({
    operatorKey,
    trustLoopback: true,
    trustedNetworks: [],
    keys: ring,
    tokens: fakeTokens(),
    isAllowedOrigin: () => true,
    failedKeys: { bannedMs: () => 60_000, failed: () => assert.fail('it is no failure') },
    clientAddress: () => '',
    isInternal: () => false,
    now: () => clock,
  });
  const stands = () => gate.stands({ kind: 'operator', role: 'read', by: 'key', keyId: info.id });
  assert.equal(await stands(), true);
  clock = now + 1000;
  assert.equal(await stands(), false, 'expired');
  clock = now;
  await ring.remove(info.id);
  assert.equal(await stands(), false, 'removed');
  assert.equal(await gate.stands({ kind: 'system-key', role: 'read', system: 'a', keyId: info.id }), false);
  for (const by of ['key', 'socket'] as const) {
    assert.equal(await gate.stands({ kind: 'operator', role: 'admin', by }), true);
  }
  assert.equal(await gate.stands({ kind: 'trusted-peer' }), true);
});

describe('the digest of a key', () => {
  test('is met by the key, and nothing near it', () => {
    const digest = digestOfKey(operatorKey);
    assert.equal(matchesDigest(operatorKey, digest), true);
    const near = ['', 'k', operatorKey.slice(1), `${operatorKey}k`, `${operatorKey} `, operatorKey.toUpperCase(), '\0'];
    for (const wrongKey of near) assert.equal(matchesDigest(wrongKey, digest), false, wrongKey);
  });

  test('is taken of keys of any length, so that no length is told by an exception or an early answer', () => {
    assert.equal(matchesDigest('云雀'.repeat(20), digestOfKey('云雀'.repeat(20))), true);
    assert.equal(matchesDigest('x'.repeat(100_000), digestOfKey(operatorKey)), false);
  });
});
