import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cli } from './run-cli.ts';

const secret = 'a secret of thirty-two bytes and more';

/** A folder with these files, and the path of one. */
async function folderOf(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-token-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  return (name: string) => join(folder, name);
}

const sources = (text: string) => `auth: {tokens: [${text}]}\n`;

describe('token mint', () => {
  it('prints a token that token check accepts, with what it says', async (t) => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const path = await folderOf(t, {
      secret: `${secret}\n`,
      rsa: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      ec: JSON.stringify(ec.privateKey.export({ format: 'jwk' })),
      'rsa.pub': rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string,
      'ec.pub': JSON.stringify(ec.publicKey.export({ format: 'jwk' })),
    });
    for (const [option, key, alg, source] of [
      ['--secret-file', 'secret', 'HS256', `secretFile: ${path('secret')}`],
      ['--private-key-file', 'rsa', 'RS256', `publicKeyFile: ${path('rsa.pub')}`],
      ['--private-key-file', 'ec', 'ES256', `publicKeyFile: ${path('ec.pub')}`],
    ] as const) {
      await writeFile(
        path('c.yaml'),
        sources(`{type: jwt, algorithm: ${alg}, ${source}, issuer: us, audience: push, kid: k1}`),
      );
      const names = ['--issuer', 'us', '--audience', 'push', '--kid', 'k1'];
      const minted = await cli([
        'token',
        'mint',
        '--uid',
        '云雀',
        '-S',
        'shop',
        '--device',
        'd1',
        '--ttl',
        '15m',
        option,
        path(key),
        ...names,
      ]);
      assert.equal(minted.exit, 0, minted.err);
      assert.match(minted.out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/, 'nothing but the token');
      const checked = await cli(['token', 'check', '-', '--config', path('c.yaml'), '--json'], { stdin: minted.out });
      assert.equal(checked.exit, 0, checked.err);
      const { claims, expiresAt, secondsLeft, ...rest } = JSON.parse(checked.out);
      const expected = { valid: true, uid: '云雀', system: 'shop', deviceId: 'd1', source: 'auth.tokens[0] (jwt)' };
      assert.deepEqual(rest, { schema: 'yunque.token-check/1', ...expected });
      assert.deepEqual(
        [claims.sub, claims.sys, claims.did, claims.iss, claims.aud],
        ['云雀', 'shop', 'd1', 'us', 'push'],
      );
      assert.equal(claims.exp - claims.iat, 900);
      assert.equal(expiresAt, claims.exp * 1000);
      assert.ok(secondsLeft > 600 && secondsLeft <= 900);
    }
  });

  it('without -S makes a token for the system default and for no other', async (t) => {
    const path = await folderOf(t, { 'c.yaml': sources(`{type: jwt, algorithm: HS256, secret: ${secret}}`) });
    const { out } = await cli(['token', 'mint', '--uid', 'a', '--secret-file', '-', '--json'], { stdin: secret });
    const { token, system, alg, schema } = JSON.parse(out);
    assert.deepEqual([schema, system, alg], ['yunque.token/1', 'default', 'HS256']);
    const args = ['token', 'check', '--config', path('c.yaml')];
    assert.equal((await cli(args, { env: { YUNQUE_TOKEN: token } })).exit, 0);
    const other = await cli([...args, '-S', 'shop'], { env: { YUNQUE_TOKEN: token } });
    assert.equal(other.exit, 4);
    assert.match(other.out, /the token is for another system\n.*it is for "default"/);
  });

  for (const [what, args, expected] of [
    ['no key', [], /error: name the key: either --secret-file or --private-key-file\nhint: `openssl/],
    ['two keys', ['--secret-file', '-', '--private-key-file', 'x'], /either --secret-file or --private-key-file/],
    ['a file that is not there', ['--secret-file', '/nope'], /--secret-file: cannot read \/nope \(ENOENT\)/],
    ['a short secret', ['--secret-file', '-'], /--secret-file: it has 5 bytes, and a secret needs 32 or more/],
    ['a key that is none', ['--private-key-file', '-'], /--private-key-file: it holds no private key/],
  ] as const) {
    it(`with ${what} says what to do: 2`, async () => {
      const { exit, out, err } = await cli(['token', 'mint', '--uid', 'a', ...args], { stdin: 'short' });
      assert.deepEqual([exit, out], [2, '']);
      assert.match(err, expected);
      assert.doesNotMatch(err, /short|\n {4}at /);
    });
  }

  it('refuses an algorithm that the key is not for, and ids that no node takes', async () => {
    const { err } = await cli(['token', 'mint', '--uid', 'a', '--secret-file', '-', '--alg', 'ES256'], {
      stdin: secret,
    });
    assert.match(err, /--alg ES256 does not fit the key of --secret-file, which is for HS256/);
    const bad = await cli(['token', 'mint', '--uid', 'a\u0007', '--secret-file', '-'], { stdin: secret });
    assert.deepEqual([bad.exit, bad.out], [2, '']);
    assert.match(bad.err, /--uid has a control character/);
  });
});

describe('token check', () => {
  it('of a token as an argument is refused, and does not repeat it', async () => {
    const { exit, out, err } = await cli(['token', 'check', 'my-own-token']);
    assert.deepEqual([exit, out], [2, '']);
    assert.match(err, /can be read by every user of the machine\nhint: give - to read it from standard input, @file/);
    assert.doesNotMatch(err, /my-own-token/);
    assert.equal((await cli(['token', 'check'])).exit, 2);
  });

  it('says exactly what is wrong, and exits with 4', async (t) => {
    const path = await folderOf(t, {
      'c.yaml': sources(`{type: jwt, algorithm: HS256, secret: ${secret}, issuer: us}`),
      token: 'no-jwt\n',
    });
    const garbage = await cli(['token', 'check', `@${path('token')}`, '--config', path('c.yaml'), '--json']);
    assert.equal(garbage.exit, 4);
    const { valid, code, message, detail } = JSON.parse(garbage.out);
    assert.deepEqual([valid, code, message], [false, 'unauthorized', 'the token is not valid']);
    assert.match(detail, /JWS/);
    const mint = await cli(['token', 'mint', '--uid', 'a', '--secret-file', '-', '--issuer', 'them'], {
      stdin: secret,
    });
    const wrong = await cli(['token', 'check', '-', '--config', path('c.yaml')], { stdin: mint.out });
    assert.match(wrong.out, /another issuer\ndetail +iss is "them", expected "us"/);
  });

  it('without a source says so: 78', async (t) => {
    const path = await folderOf(t, { 'c.yaml': 'port: 1\n' });
    const { exit, err } = await cli(['token', 'check', '-', '--config', path('c.yaml')], { stdin: 'x' });
    assert.equal(exit, 78);
    assert.match(err, /auth\.tokens is empty/);
  });

  it('where a source cannot be asked exits with 1', async (t) => {
    const path = await folderOf(t, {
      'c.yaml': sources(`{type: http, url: "http://127.0.0.1:1/", secret: ${secret}}`),
    });
    const { exit, out } = await cli(['token', 'check', '-', '--config', path('c.yaml'), '--json'], { stdin: 'opaque' });
    assert.deepEqual(
      [exit, JSON.parse(out).code, JSON.parse(out).detail],
      [1, 'unavailable', '127.0.0.1:1: ECONNREFUSED'],
    );
  });
});
