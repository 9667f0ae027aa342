import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { createNetworks, hostOf, intranetAddress, isLoopback, plainAddress } from '../../../src/util/address.ts';

test('an IPv4 peer of a dual-stack socket gets its plain address, and nothing else is touched', () => {
  assert.equal(plainAddress('::ffff:127.0.0.1'), '127.0.0.1');
  for (const address of ['127.0.0.1', '::1', '::ffff:7f00:1', '::ffff:', '::ffff:1.2.3', '::ffff:1.2.3.4.5', '']) {
    assert.equal(plainAddress(address), address);
  }
});

test('loopback is 127.0.0.0/8 and ::1, mapped or not, and nothing that only looks like it', () => {
  for (const address of ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1'])
    assert.equal(isLoopback(address), true, address);
  const others = [
    '128.0.0.1',
    '0.0.0.0',
    '::',
    '127.1',
    '127.0.0.1.evil.com',
    '127.0.0.1 ',
    'localhost',
    '::ffff:10.0.0.1',
    '',
    '12.7.0.1',
  ];
  for (const address of others) assert.equal(isLoopback(address), false, address);
});

test('networks hold the addresses between their ends, of both families, mapped ones too', () => {
  const isIn = createNetworks(['10.1.0.0/16', '192.168.1.7', 'fd00::/8', '::ffff:172.16.0.0/108']);
  for (const address of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', '192.168.1.7', 'fd12::1', '172.16.0.9']) {
    assert.equal(isIn(address), true, address);
  }
  const others = [
    '10.0.255.255',
    '10.2.0.0',
    '192.168.1.8',
    'fc00::1',
    '::1',
    '127.0.0.1',
    '',
    'x',
    '10.1',
    '172.32.0.1',
  ];
  for (const address of others) assert.equal(isIn(address), false, address);
  assert.equal(createNetworks([])('127.0.0.1'), false);
});

test('a link-local address with its interface is judged without it being an error', () => {
  assert.equal(createNetworks(['fe80::/10'])('fe80::1%lo'), true);
  assert.equal(createNetworks(['fd00::/8'])('fe80::1%lo'), false);
});

test('what is no address or CIDR is refused, above all what could be read as everybody', () => {
  const wrong = [
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/16',
    '10.0.0.0/1e1',
    '10.0.0.0/ 8',
    '10.0.0.0/0x8',
    '::/129',
    '/8',
    '',
    'localhost',
    '10.0.0.0/8.5',
  ];
  for (const network of wrong) assert.throws(() => createNetworks([network]), RangeError, network);
  assert.equal(createNetworks(['0.0.0.0/0'])('8.8.8.8'), true, 'who means everybody can say so');
});

test('the host of an authority is without port and brackets, in lower case', () => {
  const cases = {
    'LocalHost:666': 'localhost',
    localhost: 'localhost',
    '[::1]:666': '::1',
    '[::1]': '::1',
    '127.0.0.1:80': '127.0.0.1',
    'a.example.:80': 'a.example.',
    '': '',
    ':80': '',
  };
  for (const [authority, host] of Object.entries(cases)) assert.equal(hostOf(authority), host, authority);
  for (const odd of ['::1', '[::1]:x', '[::1', 'localhost:80:90', 'localhost:']) {
    assert.ok(!['localhost', '127.0.0.1', '::1'].includes(hostOf(odd)), odd);
  }
});

test('the intranet address is an IPv4 address of this machine', () => {
  assert.equal(isIP(intranetAddress()), 4);
});
