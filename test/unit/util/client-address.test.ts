import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientAddress } from '../../../src/util/client-address.ts';
import { fakeRequest } from '../access/fake-request.ts';

const behind = createClientAddress(['127.0.0.0/8', '10.0.0.0/24', 'fd00::/64']);

function addressOf(forwarded: string | undefined, from: string | undefined = '127.0.0.1', read = behind): string {
  return read(fakeRequest({ from, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }));
}

test('without trusted proxies the address is the TCP peer, whatever the request says', () => {
  const direct = createClientAddress([]);
  assert.equal(addressOf('8.8.8.8', '127.0.0.1', direct), '127.0.0.1');
  assert.equal(addressOf(undefined, '::ffff:10.0.0.1', direct), '10.0.0.1');
  assert.equal(direct(fakeRequest({ from: undefined })), '');
});

test('what a peer says that is no trusted proxy counts for nothing', () => {
  assert.equal(addressOf('1.2.3.4', '8.8.8.8'), '8.8.8.8');
  assert.equal(behind(fakeRequest({ from: undefined, headers: { 'x-forwarded-for': '1.2.3.4' } })), '');
});

test('behind a trusted proxy it is the rightmost address that is not trusted', () => {
  assert.equal(addressOf('8.8.8.8'), '8.8.8.8');
  assert.equal(addressOf('8.8.8.8', '::ffff:127.0.0.1'), '8.8.8.8');
  assert.equal(addressOf('1.1.1.1, 8.8.8.8, 10.0.0.7,fd00::9 '), '8.8.8.8');
  assert.equal(addressOf('127.0.0.1, 8.8.8.8'), '8.8.8.8', 'a client that calls itself loopback is not');
  assert.equal(addressOf('10.0.1.1, 10.0.0.1'), '10.0.1.1', 'beside the trusted network');
});

test('where all are trusted it is the leftmost', () => {
  assert.equal(addressOf('10.0.0.3, 10.0.0.2'), '10.0.0.3');
  assert.equal(addressOf(undefined, '10.0.0.2'), '10.0.0.2');
});

test('ports, brackets and mapped addresses are read', () => {
  assert.equal(addressOf('8.8.8.8:5000'), '8.8.8.8');
  assert.equal(addressOf('[2001:DB8::1]:5000'), '2001:db8::1');
  assert.equal(addressOf('[2001:db8::1]'), '2001:db8::1');
  assert.equal(addressOf('2001:db8::1'), '2001:db8::1');
  assert.equal(addressOf('::ffff:8.8.8.8'), '8.8.8.8');
  assert.equal(addressOf('8.8.8.8, ::ffff:10.0.0.1'), '8.8.8.8');
  for (const spelled of ['::ffff:808:808', '0:0:0:0:0:ffff:8.8.8.8', '::FFFF:0808:0808', '[::ffff:8.8.8.8]:443']) {
    assert.equal(addressOf(spelled), '8.8.8.8', spelled);
  }
  assert.equal(addressOf('2001:0db8:0:0::0001'), '2001:db8::1');
});

test('what is no address ends the reading with the last good one', () => {
  const garbage = [
    'unknown',
    '_hidden',
    '',
    '8.8.8',
    '8.8.8.8:x',
    '8.8.8.8:',
    '[8.8.8.8',
    '8.8.8.8]',
    'fe80::1%lo',
    'example.org',
    '"8.8.8.8"',
  ];
  for (const entry of garbage) {
    assert.equal(addressOf(`1.1.1.1, ${entry}, 10.0.0.9`), '10.0.0.9', entry);
    assert.equal(addressOf(`1.1.1.1, ${entry}`), '127.0.0.1', entry);
  }
  assert.equal(addressOf('a,'.repeat(8000)), '127.0.0.1');
});
