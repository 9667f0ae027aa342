import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, problemsOf } from './helpers.ts';

const inFile = (text: string) => problemsOf({ 'configs/config.yaml': text });
const configOf = (text: string) => load({ 'configs/config.yaml': text }).config;

test('TLS takes certificate and key, or neither', () => {
  assert.deepEqual(configOf('tls: {cert: a.crt, key: a.key}').tls, { cert: 'a.crt', key: 'a.key' });
  assert.deepEqual(inFile('tls: {cert: a.crt}'), [
    'configs/config.yaml:1:7: tls.cert: there is no tls.key; give both for TLS, or neither',
  ]);
  assert.deepEqual(inFile('tls: {key: a.key}'), [
    'configs/config.yaml:1:7: tls.key: there is no tls.cert; give both for TLS, or neither',
  ]);
});

test('the internal listener takes an address with its port', () => {
  assert.deepEqual(configOf('internal.listen: 10.0.0.1:9666').internal.listen, { host: '10.0.0.1', port: 9666 });
  assert.deepEqual(configOf('internal.listen: "[::1]:9666"').internal.listen, { host: '::1', port: 9666 });
  assert.deepEqual(configOf('internal.listen: node-1.lan:0').internal.listen, { host: 'node-1.lan', port: 0 });
  const expected = 'internal.listen: expected an address and a port such as 127.0.0.1:9666 or [::1]:9666, found';
  for (const wrong of [
    '127.0.0.1',
    '127.0.0.1:',
    ':9666',
    '127.0.0.1:65536',
    '::1:9666',
    '[127.0.0.1]:1',
    '*:9666',
    'http://127.0.0.1:1',
    'a_b:1',
  ]) {
    assert.deepEqual(inFile(`internal.listen: "${wrong}"`), [
      `configs/config.yaml:1:18: ${expected} ${JSON.stringify(wrong)}`,
    ]);
  }
});

test('a port alone, which would be every address, is refused with what to write', () => {
  assert.match(inFile('internal.listen: 9666')[0] ?? '', /found 9666; write 127\.0\.0\.1:9666$/);
  assert.match(inFile('internal.listen: "9666"')[0] ?? '', /found "9666"; write 127\.0\.0\.1:9666$/);
});

test('the internal listener needs a port of its own', () => {
  const message = 'internal.listen: port 7001 is used already; give the internal listener one of its own';
  const taken = [
    'port: 7001\ninternal.listen: 127.0.0.1:7001',
    'port: 7001\ninternal.listen: 0.0.0.0:7001',
    'host: 127.0.0.1\nport: 7001\ninternal.listen: 0.0.0.0:7001',
    'listeners: [{port: 7001, dialect: cim}]\ninternal.listen: 127.0.0.1:7001',
    'host: 10.0.0.1\nlisteners: [{port: 7001, dialect: cim}]\ninternal.listen: 10.0.0.1:7001',
  ];
  for (const text of taken) assert.match(inFile(text).join(), new RegExp(`${message}$`), text);
  assert.equal(configOf('host: 10.0.0.1\nport: 7001\ninternal.listen: 127.0.0.1:7001').internal.listen?.port, 7001);
});

test('TLS on the internal listener needs the certificate of the others', () => {
  assert.deepEqual(inFile('internal: {listen: "127.0.0.1:1", tls: true}'), [
    'configs/config.yaml:1:35: internal.tls: there is no certificate; give tls.cert and tls.key as well',
  ]);
});
