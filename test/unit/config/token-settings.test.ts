import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertConfig } from '../../../src/config/convert-config.ts';
import { describeConfig } from '../../../src/config/describe-config.ts';
import { filesOf, load, problemsOf } from './helpers.ts';

const secret = 'tell-nobody-tell-nobody-tell-nobody';
const file = (sources: string) => ({ 'configs/config.yaml': `auth: {tokens: [${sources}]}` });

test('sources of tokens are a list, in a file or a variable', () => {
  const text = `{type: jwt, algorithm: HS256, secret: ${secret}, systems: [shop], issuer: us}`;
  const expected = [{ type: 'jwt', systems: ['shop'], algorithm: 'HS256', secret, issuer: 'us' }];
  assert.deepEqual(load(file(text)).config.auth.tokens, expected);
  assert.deepEqual(load({}, { env: { YUNQUE_AUTH_TOKENS: `[${text}]` } }).config.auth.tokens, expected);
});

test('a secret among them is masked, warned about, and refused on the command line', () => {
  const files = file(`{type: jwt, algorithm: HS256, secret: ${secret}}`);
  const rows = describeConfig(load(files));
  const row = rows.find(({ key }) => key === 'auth.tokens');
  assert.deepEqual(row?.value, [{ type: 'jwt', algorithm: 'HS256', secret: '********' }]);
  const readFile = filesOf(files, { readableByOthers: true });
  assert.equal(load({}, { readFile }).warnings.length, 1);
  const { text, hasSecret } = convertConfig({ file: 'configs/config.yaml', cwd: '/srv/yunque', mask: true, readFile });
  assert.deepEqual([hasSecret, text.includes(secret)], [true, false]);
  assert.match(problemsOf({ 'configs/config.yaml': text })[0] ?? '', /32 bytes or more .* found 8 bytes$/);

  const set = (value: string) => ({ flags: { set: [`auth.tokens=${value}`] } });
  assert.deepEqual(problemsOf({}, set(`[{type: jwt, algorithm: HS256, secret: ${secret}}]`)), [
    '--set auth.tokens: a secret on the command line can be read by every user of the machine; put the setting in YUNQUE_AUTH_TOKENS or in the configuration file, or name a file that holds the secret',
  ]);
  assert.equal(load({}, set('[{type: jwt, algorithm: HS256, secretFile: s}]')).config.auth.tokens.length, 1);
});

test('a file that only names the file of a secret holds none', () => {
  const readFile = filesOf(file('{type: jwt, algorithm: HS256, secretFile: s}'), { readableByOthers: true });
  assert.deepEqual(load({}, { readFile }).warnings, []);
});

test('the password in the URL of Redis is a secret, and the rest of it is not', () => {
  const files = file(`{type: redis, url: "redis://me:${secret}@10.0.0.1:6379/2"}`);
  const row = describeConfig(load(files)).find(({ key }) => key === 'auth.tokens');
  assert.deepEqual(row?.value, [{ type: 'redis', url: 'redis://me:********@10.0.0.1:6379/2' }]);
  assert.equal(load({}, { readFile: filesOf(files, { readableByOthers: true }) }).warnings.length, 1);
  assert.equal(
    problemsOf({}, { flags: { set: [`auth.tokens=[{type: redis, url: "redis://:${secret}@h/"}]`] } }).length,
    1,
  );
  assert.equal(
    load({}, { flags: { set: ['auth.tokens=[{type: redis, url: "redis://h/"}]'] } }).config.auth.tokens.length,
    1,
  );
});

test('a source that is asked over the open network is warned about', () => {
  const jwks = (url: string) => load(file(`{type: jwks, url: "${url}", algorithms: [RS256], issuer: us}`)).warnings;
  assert.deepEqual(jwks('http://auth.example.com/keys'), [
    'configs/config.yaml:1:35: auth.tokens[0].url: whoever is on the way there can put in keys of their own; use https',
  ]);
  for (const url of ['https://auth.example.com/', 'http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]:1/'])
    assert.deepEqual(jwks(url), []);
});

test('what is wrong with a source is said without what it holds', () => {
  for (const [source, expected] of [
    [`{algorithm: HS256, secret: ${secret}}`, /auth\.tokens\[0\]\.type: expected one of jwt/],
    [`{type: jtw, secret: ${secret}}`, /auth\.tokens\[0\]\.type: expected one of jwt/],
    [secret, /auth\.tokens\[0\]: expected a token source such as \{type: jwt/],
    [
      '{type: jwt, algorithm: HS256, secret: tell}',
      /\.secret: expected a secret of 32 bytes or more .*, found 4 bytes/,
    ],
    ['{type: jwt, algorithm: none, secretFile: s}', /\.algorithm: expected one of HS256, RS256, ES256/],
    ['{type: jwt, algorithm: HS256}', /tokens\[0\]: expected secret or secretFile/],
    [
      `{type: jwt, algorithm: HS256, secret: ${secret}, secretFile: s}`,
      /expected one of secret and secretFile, found both/,
    ],
    ['{type: jwt, algorithm: HS256, publicKeyFile: p}', /HS256 takes secretFile, not publicKeyFile/],
    [`{type: jwt, algorithm: RS256, secret: ${secret}}`, /RS256 takes publicKeyFile, not a secret/],
    ['{type: jwt, algorithm: ES256}', /ES256 needs publicKeyFile/],
    ['{type: jwt, algorithm: HS256, secretFile: s, systems: []}', /leave it out for all systems/],
    ['{type: jwt, algorithm: HS256, secretFile: s, isuer: x}', /unknown key "isuer" – did you mean "issuer"/],
    ['{type: jwks, url: "https://u:tell@a/", algorithms: [RS256], issuer: us}', /found a user or password in it/],
    ['{type: jwks, url: "file:///tell", algorithms: [RS256], issuer: us}', /found a URL of file:/],
    ['{type: jwks, url: tell, algorithms: [RS256], issuer: us}', /found something that is no URL/],
    [
      '{type: jwks, url: "https://a/", algorithms: [HS256], issuer: us}',
      /algorithms\[0\]: expected one of RS256, ES256/,
    ],
    ['{type: jwks, url: "https://a/", algorithms: [], issuer: us}', /at least one algorithm; take RS256 or ES256/],
    ['{type: jwks, url: "https://a/", algorithms: [RS256]}', /issuer: expected some text, found nothing/],
    ['{type: http, url: "https://a/"}', /expected secret or secretFile/],
    ['{type: http, url: "https://a/", secretFile: s, timeout: 31s}', /timeout: expected a duration from 100ms to 30s/],
    ['{type: redis}', /expected url or urlFile/],
    ['{type: redis, url: "http://:tell@h/"}', /url: expected a URL such as redis:.* found a URL of http:/],
    ['{type: redis, url: "redis://:********@h/"}', /found a mask in the place of the password/],
    ['{type: redis, url: "redis://h/", prefix: ""}', /prefix: expected some text, found nothing/],
  ] as const) {
    const problems = problemsOf(file(source)).join('\n');
    assert.match(problems, expected);
    assert.doesNotMatch(problems, /tell/);
  }
  const env = { YUNQUE_AUTH_TOKENS: `type: jwt, secret: ${secret}` };
  assert.doesNotMatch(problemsOf({}, { env }).join('\n'), /tell/);
});

test('tokens required everywhere need a source, and the skew of clocks has an end', () => {
  assert.match(
    problemsOf({ 'configs/config.yaml': 'auth.connect: token' })[0] ?? '',
    /^configs.*auth\.connect: .*add a source/,
  );
  assert.equal(problemsOf({ 'configs/config.yaml': 'auth.clockSkew: 61s' }).length, 1);
  assert.equal(load({ 'configs/config.yaml': 'auth.clockSkew: 60s' }).config.auth.clockSkewMs, 60_000);
});
