import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { convertConfig } from '../../../src/config/convert-config.ts';
import { publishedKeys } from '../../../src/config/published-keys.ts';
import { filesOf, load, problemsOf } from './helpers.ts';

const root = join(import.meta.dirname, '../../..');
const keyFrom = (key: string) => ({ env: { YUNQUE_CRYPTO_KEY: key } });
/** As go-websocket publishes them: in its configuration, and in its documentation. */
const cryptoKeys = ['Adba723b7fe06819', 'xxxxxxxxxxxxxxxx'];
/** What jwt.io signs its example with. */
const tokenSecret = 'a-string-secret-at-least-256-bits-long';

/** What listens where others can reach it, and what does not. */
const outside = [
  '',
  'host: 0.0.0.0',
  'host: "::"',
  'host: 10.0.0.1',
  'host: push.lan',
  'host: 127.0.0.1.example',
  '{host: 127.0.0.1, listeners: [{port: 1, dialect: cim}, {port: 2, host: 10.0.0.1, dialect: cim}]}',
  '{host: 127.0.0.1, internal.listen: "0.0.0.0:9666"}',
  '{host: 10.0.0.1, internal.listen: "127.0.0.1:9666"}',
];
const alone = [
  'host: 127.0.0.1',
  'host: 127.9.9.9',
  'host: "::1"',
  'host: localhost',
  '{host: 127.0.0.1, listeners: [{port: 1, dialect: cim}, {port: 2, host: "::1", dialect: cim}]}',
  '{host: 127.0.0.1, internal.listen: "[::1]:9666"}',
];

describe('a published crypto key', () => {
  for (const text of outside) {
    test(`is refused where others can reach the node, with the command for a good one: ${text || 'all addresses'}`, () => {
      for (const key of cryptoKeys) {
        const problems = problemsOf({ 'configs/config.yaml': text }, keyFrom(key));
        assert.equal(problems.length, 1);
        assert.match(
          problems[0] ?? '',
          /^YUNQUE_CRYPTO_KEY: this key is published.*`openssl rand -hex 16`.*--host 127\.0\.0\.1/,
        );
        assert.ok(!problems[0]?.includes(key));
      }
    });
  }

  for (const text of alone) {
    test(`may stay on loopback, with a warning: ${text}`, () => {
      const { config, warnings } = load({ 'configs/config.yaml': text }, keyFrom('Adba723b7fe06819'));
      assert.equal(config.crypto.key, 'Adba723b7fe06819');
      assert.match(
        warnings.join('\n'),
        /^YUNQUE_CRYPTO_KEY: this key is published.*before others can reach.*openssl rand/,
      );
    });
  }
});

describe('an empty crypto key', () => {
  const files = {
    'a.yaml': 'crypto.key: ""',
    'a.ini': '[common]\ncrypto_key =\n',
  };
  for (const config of Object.keys(files)) {
    test(`in ${config} is refused where others can reach the node`, () => {
      assert.match(
        problemsOf(files, { flags: { config } }).join(),
        /: crypto\.key: an empty key protects nothing, and others can reach this node; leave it out for a random one/,
      );
    });

    test(`in ${config} counts as none on loopback, with a warning`, () => {
      const loaded = load(files, { flags: { config, host: '127.0.0.1' } });
      assert.equal(loaded.config.crypto.key, undefined);
      assert.equal(loaded.values.has('crypto.key'), false);
      assert.equal(loaded.sources.get('crypto.key')?.layer, 'default');
      assert.match(loaded.warnings.join(), /: crypto\.key: an empty key protects nothing and counts as none/);
    });
  }

  test('from a variable is judged alike', () => {
    assert.match(problemsOf({}, keyFrom('')).join(), /^YUNQUE_CRYPTO_KEY: an empty key protects nothing/);
  });
});

test('go-websocket’s file can be converted, whatever its key', () => {
  for (const [key, expected] of [
    ['Adba723b7fe06819', 'crypto:\n  key: Adba723b7fe06819\n'],
    ['', ''],
  ] as const) {
    const readFile = filesOf({ 'a.ini': `[common]\ncrypto_key = ${key}\n` });
    assert.equal(convertConfig({ file: 'a.ini', cwd: '/srv/yunque', mask: false, readFile }).text, expected);
  }
});

test('a published key of the operator, or secret of tokens, is refused on loopback too: it opens everything', () => {
  for (const key of [...cryptoKeys, tokenSecret]) {
    const problems = problemsOf({}, { env: { YUNQUE_OPERATOR_KEY: key }, flags: { host: '127.0.0.1' } });
    assert.match(
      problems.join(),
      /^YUNQUE_OPERATOR_KEY: this key is published.*`openssl rand -hex 16` makes a good one$/,
    );
  }
  const text = `{host: 127.0.0.1, auth.tokens: [{type: jwt, algorithm: HS256, secret: "${tokenSecret}"}]}`;
  assert.match(problemsOf({ 'configs/config.yaml': text }).join(), /auth\.tokens\[0\]\.secret: this key is published/);
});

test('every secret that stands in our files and documents is on the list', () => {
  const files = [
    'README.md',
    'README.zh-CN.md',
    ...globSync('{configs,docs}/**/*.{yaml,ini,conf,service,md,html,js}', { cwd: root }),
  ];
  files.push('configs/docker/Dockerfile');
  assert.ok(files.length > 20);
  const found = files.flatMap((file) => secretsIn(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(
    found.filter((secret) => !publishedKeys.has(secret)),
    [],
  );
});

test('what stands in a file as a secret is found, and what names one is not', () => {
  const shown = [
    'crypto_key = abcdefgh12345678',
    '"secret": "0123456789abcdef"',
    '-e YUNQUE_OPERATOR_KEY=aaaaaaaaaaaaaaaa',
    "password: 'pw'",
  ];
  assert.deepEqual(shown.flatMap(secretsIn), ['abcdefgh12345678', '0123456789abcdef', 'aaaaaaaaaaaaaaaa', 'pw']);
  const named = [
    'secretFile: /etc/yunque/token.secret',
    'KEY=$(cat key)',
    ';crypto_key =',
    'secret: { secretName: x }',
    'Authorization: Bearer $KEY',
    'key: string',
  ];
  assert.deepEqual(named.flatMap(secretsIn), []);
});

/** Values of what is called a key, secret or password; `key: yes` of a sentence is too short for one. */
function secretsIn(text: string): string[] {
  const named = /(?:\b|_)(key|secret|password)["'`]?[ \t]*[:=][ \t]*["'`]?([\w+=-]+)(?![\w+=/.(-])/gi;
  return [...text.matchAll(named)]
    .filter(([, name, value = '']) => (name === 'password' ? value !== '' : value.length >= 16))
    .map(([, , value = '']) => value);
}
