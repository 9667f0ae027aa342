import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOriginCheck } from '../../../src/access/origins.ts';

const isAllowed = createOriginCheck([
  'https://good.com',
  'http://localhost:5173',
  'capacitor://localhost',
  'https://[::1]:8443',
]);

test('the origins of the list may connect, in any case and with the port of their scheme written out', () => {
  const allowed = [
    'https://good.com',
    'HTTPS://Good.COM',
    'https://good.com:443',
    'http://localhost:5173',
    'capacitor://localhost',
    'Capacitor://LocalHost',
    'https://[::1]:8443',
  ];
  for (const origin of allowed) assert.equal(isAllowed(origin), true, origin);
});

test('everything that only resembles them may not', () => {
  const refused = [
    'http://good.com',
    'https://good.com:8443',
    'https://good.com.evil.com',
    'https://www.good.com',
    'https://evilgood.com',
    'https://good.com.',
    'https://good.com.:443',
    'https://good.com@evil.com',
    'https://evil.com#https://good.com',
    'https://evil.com/https://good.com',
    'https://good.com/',
    'https://good.com, https://evil.com',
    'https://good.com https://evil.com',
    'https:\\\\good.com',
    'https://',
    '//good.com',
    'good.com',
    'http://localhost',
    'http://localhost:51730',
    'null',
    '*',
    'https://*',
    '',
    ' ',
  ];
  for (const origin of refused) assert.equal(isAllowed(origin), false, origin);
});

test('a client without an Origin is no browser, and may connect', () => {
  assert.equal(isAllowed(undefined), true);
});

test('without a list every page may connect, a sandboxed one too', () => {
  const isAnyAllowed = createOriginCheck([]);
  for (const origin of [undefined, 'https://evil.com', 'null', '']) assert.equal(isAnyAllowed(origin), true);
});
