import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { convertConfig } from '../../../src/config/convert-config.ts';
import { describeConfig, spellRows } from '../../../src/config/describe-config.ts';
import { readFileFromDisk } from '../../../src/config/read-file.ts';
import { filesOf, load, problemsOf } from './helpers.ts';

const key = '0123456789abcdef';

test('a secret on the command line is refused, with the ways that are open', () => {
  assert.deepEqual(problemsOf({}, { flags: { set: [`crypto.key=${key}`] } }), [
    '--set crypto.key: a secret on the command line can be read by every user of the machine; put it in a file named by YUNQUE_CRYPTO_KEY_FILE, in YUNQUE_CRYPTO_KEY, or in the configuration file',
  ]);
});

test('a secret may come from a variable, or from a file that a variable names', () => {
  assert.equal(load({}, { env: { YUNQUE_CRYPTO_KEY: key } }).config.crypto.key, key);
  const { config, sources } = load({ 'secret.txt': `${key}\n` }, { env: { YUNQUE_CRYPTO_KEY_FILE: 'secret.txt' } });
  assert.equal(config.crypto.key, key);
  assert.equal(sources.get('crypto.key')?.label, 'YUNQUE_CRYPTO_KEY_FILE');
});

test('a secret named twice, or in a file that is missing, is refused', () => {
  assert.deepEqual(problemsOf({ s: key }, { env: { YUNQUE_CRYPTO_KEY_FILE: 's', YUNQUE_CRYPTO_KEY: key } }), [
    'YUNQUE_CRYPTO_KEY_FILE: YUNQUE_CRYPTO_KEY is set too; set one of them',
  ]);
  assert.deepEqual(problemsOf({}, { env: { YUNQUE_OPERATOR_KEY_FILE: '/run/s' } }), [
    'YUNQUE_OPERATOR_KEY_FILE: /run/s: no such file',
  ]);
});

test('only secrets have a variable that names a file', () => {
  assert.deepEqual(problemsOf({}, { env: { YUNQUE_PORT_FILE: 'x' } }).length, 1);
});

test('a crypto key has 16, 24 or 32 bytes, counted in UTF-8', () => {
  for (const good of [key, key + key.slice(8), key + key, '云雀云雀云a']) {
    assert.equal(load({}, { env: { YUNQUE_CRYPTO_KEY: good } }).config.crypto.key, good);
  }
  const expected = 'expected a key of 16, 24 or 32 bytes (`openssl rand -hex 16` makes one)';
  assert.deepEqual(problemsOf({}, { env: { YUNQUE_CRYPTO_KEY: 'short' } }), [
    `YUNQUE_CRYPTO_KEY: ${expected}, found 5 bytes`,
  ]);
  assert.deepEqual(problemsOf({ 'configs/config.yaml': 'crypto: {key:}' }), [
    `configs/config.yaml:1:10: crypto.key: ${expected}, found nothing`,
  ]);
  assert.deepEqual(problemsOf({ 'configs/config.yaml': 'crypto: {key: 1234567890123456}' }), [
    `configs/config.yaml:1:15: crypto.key: ${expected}, found something else; put it in quotes`,
  ]);
});

test('an operator key is long enough and can travel in a header', () => {
  const expected =
    'expected 16 or more printable ASCII characters without spaces (`openssl rand -hex 32` makes a good one)';
  const refused = (value: string) => problemsOf({}, { env: { YUNQUE_OPERATOR_KEY: value } });
  assert.deepEqual(refused('tooshort'), [`YUNQUE_OPERATOR_KEY: ${expected}, found 8 characters`]);
  assert.deepEqual(refused(`${key} ${key}`), [
    `YUNQUE_OPERATOR_KEY: ${expected}, found a space, a control character or one outside ASCII`,
  ]);
  assert.equal(load({}, { env: { YUNQUE_OPERATOR_KEY: key } }).config.operator.key, key);
});

test('a refused secret is never repeated', () => {
  for (const secret of ['tell-nobody', 'tell nobody at all, it is long']) {
    const env = { YUNQUE_CRYPTO_KEY: secret, YUNQUE_OPERATOR_KEY: 'tell-nobody é' };
    assert.doesNotMatch(problemsOf({ 'configs/config.yaml': `crypto: {key: ${secret}}` }, { env }).join('\n'), /tell/);
  }
});

test('what is shown has a mask in the place of secrets', () => {
  const loaded = load({ 'configs/config.yaml': `crypto: {key: ${key}}` }, { env: { YUNQUE_OPERATOR_KEY: `${key}x` } });
  const rows = describeConfig(loaded);
  assert.doesNotMatch(JSON.stringify(rows) + spellRows(rows, { sources: true }).join('\n'), new RegExp(key));
  assert.equal(rows.find((row) => row.key === 'crypto.key')?.value, '********');
});

test('a conversion masks secrets when asked, and the mask is no key', () => {
  const readFile = filesOf({ 'a.yaml': `crypto: {key: ${key}}` });
  const { text, hasSecret } = convertConfig({ file: 'a.yaml', cwd: '/srv/yunque', mask: true, readFile });
  assert.equal(hasSecret, true);
  assert.doesNotMatch(text, new RegExp(key));
  assert.equal(problemsOf({ 'configs/config.yaml': text }).length, 1);
});

test('a file with a secret that others can read is warned about, one without is not', () => {
  const warningsOf = (text: string) =>
    load({}, { readFile: filesOf({ 'configs/config.yaml': text }, { readableByOthers: true }) }).warnings;
  assert.deepEqual(warningsOf(`crypto.key: ${key}`), [
    'configs/config.yaml: holds a secret and can be read by other users; run: chmod o-rwx configs/config.yaml',
  ]);
  assert.deepEqual(warningsOf('port: 1'), []);
  const secret = {
    readFile: filesOf({ '/run/s': key }, { readableByOthers: true }),
    env: { YUNQUE_CRYPTO_KEY_FILE: '/run/s' },
  };
  assert.equal(load({}, secret).warnings.length, 1);
});

test('files are read from the disk with their rights', {
  skip: process.platform === 'win32' && 'no such rights there',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'yunque-config-'));
  try {
    const file = join(folder, 'a');
    writeFileSync(file, 'x');
    chmodSync(file, 0o604);
    assert.deepEqual(readFileFromDisk(file), { outcome: 'read', text: 'x', readableByOthers: true });
    chmodSync(file, 0o640);
    assert.deepEqual(readFileFromDisk(file), { outcome: 'read', text: 'x', readableByOthers: false });
    assert.deepEqual(readFileFromDisk(join(folder, 'b')), { outcome: 'absent' });
    assert.deepEqual(readFileFromDisk(join(file, 'c')), { outcome: 'absent' });
    assert.deepEqual(readFileFromDisk(folder), { outcome: 'unreadable', reason: 'is a directory, not a file' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('trusting every address is warned about', () => {
  assert.deepEqual(load({}, { env: { YUNQUE_AUTH_TRUSTED_NETWORKS: '0.0.0.0/0' } }).warnings, [
    'YUNQUE_AUTH_TRUSTED_NETWORKS: 0.0.0.0/0 trusts every address: whoever reaches the port may push',
  ]);
});
