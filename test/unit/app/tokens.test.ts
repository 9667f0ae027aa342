import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { SignJWT } from 'jose';
import { Owned } from '../../../src/app/owned.ts';
import { loadTokens, openTokens } from '../../../src/app/tokens.ts';
import type { TokenSetting } from '../../../src/config/token-source.ts';
import { StartError } from '../../../src/util/start-error.ts';
import { defaultConfig } from '../../support/default-config.ts';
import { json, startServer } from '../../support/local-server.ts';

const secret = 'a secret of thirty-two bytes and more';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

async function filesOf(t: TestContext, files: Readonly<Record<string, string>>, mode = 0o600) {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-tokens-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode });
  return (name: string) => join(folder, name);
}

function setup(tokens: readonly TokenSetting[], warn: (line: string) => void = () => {}) {
  const config = defaultConfig();
  return { config: { ...config, auth: { ...config.auth, tokens } }, warn };
}

const signed = (key: Parameters<SignJWT['sign']>[0], alg: string) =>
  new SignJWT({ sub: 'alice', exp: 9e9 }).setProtectedHeader({ alg }).sign(key);

it('keys come from the configuration or from the files that it names, a last line break left out', async (t) => {
  const pem = ec.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const path = await filesOf(t, { secret: `${secret}\n`, 'key.pem': pem });
  const sources: readonly TokenSetting[] = [
    { type: 'jwt', algorithm: 'HS256', secret },
    { type: 'jwt', algorithm: 'HS256', secretFile: path('secret') },
    { type: 'jwt', algorithm: 'ES256', publicKeyFile: path('key.pem') },
  ];
  for (const source of sources) {
    const tokens = await loadTokens(setup([source]));
    const token = source.type === 'jwt' && source.algorithm === 'ES256' ? signed(ec.privateKey, 'ES256') : undefined;
    const verdict = await tokens.verify(await (token ?? signed(Buffer.from(secret), 'HS256')), undefined);
    assert.deepEqual(verdict.valid && verdict.source, 'auth.tokens[0] (jwt)', JSON.stringify(source));
    await tokens.close();
  }
});

it('every kind of source can be opened, and is closed with the node', async (t) => {
  const hook = await startServer(t, json({ uid: 'alice' }));
  const owned = new Owned();
  const path = await filesOf(t, { url: 'redis://127.0.0.1:1\n' });
  const tokens = await openTokens(
    setup([
      { type: 'jwt', algorithm: 'HS256', secret, systems: ['shop'] },
      { type: 'jwks', url: hook.url, algorithms: ['RS256'], issuer: 'us', systems: ['bank'] },
      { type: 'redis', urlFile: path('url'), systems: ['park'] },
      { type: 'http', url: hook.url, secret, systems: ['mall'] },
    ]),
    owned,
  );
  const required = ['shop', 'bank', 'park', 'mall', 'default'].map((system) => tokens.isRequired(system));
  assert.deepEqual(required, [true, true, true, true, false]);
  assert.equal((await tokens.verify('opaque', 'mall')).valid, true);
  await owned[Symbol.asyncDispose]();
  const verdict = await tokens.verify('opaque', 'mall');
  assert.equal(!verdict.valid && verdict.code, 'unavailable');
});

it('a file that is not what the setting says keeps the node from starting, with its name and what to do', async (t) => {
  const path = await filesOf(t, {
    short: 'tell-nobody',
    known: 'a-string-secret-at-least-256-bits-long',
    url: 'http://tell:nobody@h/',
  });
  for (const [source, expected] of [
    [
      { type: 'jwt', algorithm: 'HS256', secretFile: path('none') },
      /^auth\.tokens\[0\]\.secretFile: .*none: no such file$/,
    ],
    [{ type: 'jwt', algorithm: 'HS256', secretFile: path('short') }, /secretFile: .*short: it has 11 bytes/],
    [{ type: 'jwt', algorithm: 'HS256', secretFile: path('known') }, /secretFile: .*known: this secret is published/],
    [{ type: 'http', url: 'http://h/', secretFile: path('short') }, /secretFile: .*short: it has 11 bytes/],
    [
      { type: 'jwt', algorithm: 'RS256', publicKeyFile: path('short') },
      /publicKeyFile: .*short: it holds no public key/,
    ],
    [{ type: 'redis', urlFile: path('url') }, /urlFile: .*url: expected a URL such as redis:.*found a URL of http:/],
  ] as readonly (readonly [TokenSetting, RegExp])[]) {
    await assert.rejects(loadTokens(setup([source])), (error: unknown) => {
      assert.ok(error instanceof StartError);
      assert.equal(error.exitCode, 78);
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /tell/);
      return true;
    });
  }
});

it('a file with a secret that others can read is warned about, one with a public key is not', async (t) => {
  const pem = ec.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const path = await filesOf(t, { secret, pem }, 0o644);
  const said: string[] = [];
  const sources: readonly TokenSetting[] = [
    { type: 'jwt', algorithm: 'HS256', secretFile: path('secret') },
    { type: 'jwt', algorithm: 'ES256', publicKeyFile: path('pem') },
  ];
  await (await loadTokens(setup(sources, (line) => said.push(line)))).close();
  assert.deepEqual(said, [
    `${path('secret')}: holds a secret and can be read by other users; run: chmod o-rwx ${path('secret')}`,
  ]);
});

it('a source that cannot be asked is told to the operator', async (t) => {
  const hook = await startServer(t, json({}, 500));
  const said: string[] = [];
  const tokens = await loadTokens(setup([{ type: 'http', url: hook.url, secret }], (line) => said.push(line)));
  t.after(() => tokens.close());
  for (let i = 0; i < 3; i++) await tokens.verify('secret-token', 's');
  assert.deepEqual(said, ['auth.tokens[0] (http): it answered 500, which is neither 200 nor 401, 403, 404']);
});

/** Opened as a node does; `reload` puts other sources in their place, read from the same files. */
async function reloadable(t: TestContext, first: readonly TokenSetting[]) {
  const said: string[] = [];
  const owned = new Owned();
  t.after(() => owned[Symbol.asyncDispose]());
  const tokens = await openTokens(
    setup(first, (line) => said.push(line)),
    owned,
  );
  const reload = async (...next: readonly TokenSetting[]) => (await tokens.prepare(setup(next).config)).commit();
  return { tokens, reload, said };
}

const issued = (issuer: string) =>
  new SignJWT({ sub: 'alice', iss: issuer, exp: 9e9 })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(ec.privateKey);

async function startIssuer(t: TestContext) {
  return startServer(t, json({ keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }] }));
}

it('a source that is as it was keeps its keys through a reload, wherever it stands then', async (t) => {
  const issuer = await startIssuer(t);
  const jwks: TokenSetting = { type: 'jwks', url: issuer.url, algorithms: ['ES256'], issuer: 'us' };
  const { tokens, reload } = await reloadable(t, [jwks]);
  const sourceNow = async () => {
    const verdict = await tokens.verify(await issued('us'), undefined);
    return verdict.valid ? verdict.source : verdict.message;
  };
  assert.equal(await sourceNow(), 'auth.tokens[0] (jwks)');
  await reload({ ...jwks });
  await reload({ type: 'jwt', algorithm: 'HS256', secret }, { ...jwks });
  assert.equal(await sourceNow(), 'auth.tokens[1] (jwks)');
  assert.equal(issuer.asked.length, 1);
  await reload({ ...jwks, audience: 'other' });
  await sourceNow();
  assert.equal(issuer.asked.length, 2, 'another setting, another source');
});

it('another text in a file of the same name makes another source', async (t) => {
  const path = await filesOf(t, { secret });
  const source: TokenSetting = { type: 'jwt', algorithm: 'HS256', secretFile: path('secret') };
  const { tokens, reload } = await reloadable(t, [source]);
  const isValid = async (key: string) => (await tokens.verify(await signed(Buffer.from(key), 'HS256'), 's')).valid;
  const other = `${secret}, and another one`;
  await writeFile(path('secret'), other);
  assert.deepEqual([await isValid(secret), await isValid(other)], [true, false]);
  await reload(source);
  assert.deepEqual([await isValid(secret), await isValid(other)], [false, true]);
});

it('who waits for a source that a reload takes away still hears from it', async (t) => {
  const answers: ServerResponse[] = [];
  const hook = await startServer(t, (_, response) => answers.push(response));
  const { tokens, reload, said } = await reloadable(t, [{ type: 'http', url: hook.url, secret, timeout: 60_000 }]);
  const waiting = tokens.verify('opaque', undefined);
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await reload();
  assert.equal((await tokens.verify('opaque', undefined)).valid, false);
  answers[0]?.end('{"uid":"alice"}');
  assert.equal((await waiting).valid, true);
  assert.deepEqual(said, []);
});

it('what a source failed with is not told again for a reload', async (t) => {
  const hook = await startServer(t, json({}, 500));
  const source: TokenSetting = { type: 'http', url: hook.url, secret };
  const { tokens, reload, said } = await reloadable(t, [source]);
  await tokens.verify('t', undefined);
  await reload(source);
  await tokens.verify('t', undefined);
  assert.equal(said.length, 1);
});

it('sources that were prepared for nothing are closed, and those in use stay', async (t) => {
  const hook = await startServer(t, json({ uid: 'alice' }));
  const source: TokenSetting = { type: 'http', url: hook.url, secret };
  const { tokens } = await reloadable(t, [source]);
  const prepared = await tokens.prepare(setup([source, { ...source, systems: ['shop'] }]).config);
  await prepared.discard();
  assert.equal((await tokens.verify('t', undefined)).valid, true);
});
