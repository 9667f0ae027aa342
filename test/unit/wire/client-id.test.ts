import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { decodeClientId, encodeClientId, normalizeClientId } from '../../../src/wire/client-id.ts';
import { createRandom, pick } from '../../support/random.ts';

const key = 'Adba723b7fe06819';
const countingIv = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
const known = 'AAECAwQFBgcICQoLDA0OD3n+C68ADH/P7h+1UJUloxo=';

test("go-websocket's own vector decodes", () => {
  assert.equal(decodeClientId('pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY=', 'asdf1234qwer7894'), 'password123');
});

test('a known IV gives the known clientId', () => {
  assert.equal(encodeClientId('127.0.0.1:1666', key, countingIv), known);
  assert.equal(encodeClientId('127.0.0.1:1666', Buffer.from(key), countingIv), known);
  assert.equal(decodeClientId(known, key), '127.0.0.1:1666');
});

test('the length of the key chooses AES-128, 192 or 256', () => {
  for (const [bytes, algorithm] of Object.entries({ 16: 'aes-128-cbc', 24: 'aes-192-cbc', 32: 'aes-256-cbc' })) {
    const secret = randomBytes(Number(bytes));
    const cipher = createCipheriv(algorithm, secret, countingIv);
    const expected = Buffer.concat([countingIv, cipher.update('10.0.0.1:1666'), cipher.final()]).toString('base64');
    assert.equal(encodeClientId('10.0.0.1:1666', secret, countingIv), expected);
    assert.equal(decodeClientId(expected, secret), '10.0.0.1:1666');
  }
});

test('the address decides between 44, 64 and 88 characters', () => {
  const lengths = {
    '127.0.0.1:1666': 44,
    '255.255.255.255:65535': 64,
    '[2001:db8:85a3:8d3:1319:8a2e:370:7348]:65535': 88,
  };
  for (const [address, length] of Object.entries(lengths)) {
    const id = encodeClientId(address, key);
    assert.equal(id.length, length, address);
    assert.equal(decodeClientId(id, key), address);
  }
  assert.throws(() => encodeClientId('x'.repeat(48), key), /must not exceed 47 bytes/);
});

test('two clientIds of one node differ', () => {
  assert.notEqual(encodeClientId('127.0.0.1:1666', key), encodeClientId('127.0.0.1:1666', key));
});

test('a key of any other length is refused when encoding and decodes nothing', () => {
  for (const bad of ['', 'short', 'x'.repeat(17), 'x'.repeat(33), '云'.repeat(16)]) {
    assert.throws(() => encodeClientId('127.0.0.1:1666', bad), /16, 24 or 32 bytes/);
    assert.equal(decodeClientId(known, bad), undefined);
  }
});

test('both base64 spellings name the same clientId', () => {
  const standard = 'pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY=';
  for (const text of [
    standard,
    'pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN-ylWHqY',
    'pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN-ylWHqY=',
  ]) {
    assert.equal(normalizeClientId(text), standard);
    assert.equal(decodeClientId(text, 'asdf1234qwer7894'), 'password123');
  }
  const long = encodeClientId('[2001:db8:85a3:8d3:1319:8a2e:370:7348]:65535', key);
  const url = Buffer.from(long, 'base64').toString('base64url');
  for (const text of [url, `${url}=`, `${url}==`]) assert.equal(normalizeClientId(text), long, text);
});

test('text that is not canonical base64 of the right length is no clientId', () => {
  const bad = [
    '',
    '1',
    '9007199254740991',
    known.slice(0, -1).concat('=='),
    known.replace('o=', 'p='),
    ` ${known}`,
    `${known}\n`,
    `${known.slice(0, 20)} ${known.slice(20)}`,
    known.replace('+', '-').replace('/', '+'),
    known.slice(0, 40),
    known + known,
    'A'.repeat(44),
    'A'.repeat(10_000),
    '云'.repeat(44),
    '='.repeat(44),
    '__proto__',
  ];
  for (const text of bad) {
    assert.equal(normalizeClientId(text), undefined, text);
    assert.equal(decodeClientId(text, key), undefined, text);
  }
});

test('a foreign key, a changed byte or bytes that are not UTF-8 decode to nothing or at least never throw', () => {
  assert.equal(decodeClientId(known, 'asdf1234qwer7894'), undefined);
  const bytes = Buffer.from(known, 'base64');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  assert.equal(decodeClientId(bytes.toString('base64'), key), undefined);
  const cipher = createCipheriv('aes-128-cbc', key, countingIv);
  const notText = Buffer.concat([countingIv, cipher.update(Buffer.from([0xff, 0xfe])), cipher.final()]);
  assert.equal(decodeClientId(notText.toString('base64'), key), undefined);
  const random = createRandom(7);
  for (let i = 0; i < 5000; i++) {
    const noise = Buffer.from(Array.from({ length: pick(random, 70) }, () => pick(random, 256)));
    const address = decodeClientId(noise.toString(i % 2 ? 'base64' : 'base64url'), key);
    assert.ok(address === undefined || typeof address === 'string');
    assert.ok(decodeClientId(noise.toString('latin1'), key) === undefined);
  }
});
