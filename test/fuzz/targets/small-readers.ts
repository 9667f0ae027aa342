import assert from 'node:assert/strict';
import { upgradeTarget } from '../../../src/ingress/ws/upgrade-path.ts';
import { decodeClientId, encodeClientId, normalizeClientId } from '../../../src/wire/client-id.ts';
import { defaultConfig } from '../../support/default-config.ts';
import { mutate, noise } from '../mutate.ts';
import { pureTarget, type Random, type Target } from '../target.ts';

const paths = defaultConfig().paths;
const key = 'asdf1234qwer7894';
const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const clientIds = ['127.0.0.1:1666', '[2001:db8::1]:65535', 'node-with-a-long-name.example.com:1666'].flatMap(
  (address) => {
    const id = encodeClientId(address, key, iv);
    return [id, Buffer.from(id, 'base64').toString('base64url')].map((text) => Buffer.from(text));
  },
);
const base64Pieces = ['=', '+', '/', '-', '_', 'A', ' ', '\n', '%2B', '云'].map((text) => Buffer.from(text));

/** Half of them with their bits changed below the base64, which is what an attacker would do. */
function makeClientId(random: Random): Buffer {
  if (random() < 0.5) return mutate(random, clientIds, base64Pieces);
  const bytes = mutate(random, [Buffer.from(String(clientIds[0]), 'base64'), noise(random, 48)], [noise(random, 16)]);
  return Buffer.from(bytes.toString(random() < 0.5 ? 'base64' : 'base64url'));
}

const upgrades = [
  '/ws\n',
  '/ws?systemId=shop&token=abc\n',
  '/?x=%E4%BA%91\nyunque.protobuf',
  '/cim-json?systemId=a%2Bb&&=\ncim.json, yunque.json , x',
  'http://other.example/ws\nyunque.json',
  '*\n',
].map((text) => Buffer.from(text));

export const readerTargets: readonly Target[] = [
  pureTarget('decodeClientId', 125_000, makeClientId, (input) => {
    const text = input.toString();
    const address = decodeClientId(text, key);
    assert.ok(address === undefined || address.length < 48);
    const normal = normalizeClientId(text);
    if (normal !== undefined) assert.equal(normalizeClientId(normal), normal);
    if (address !== undefined) assert.equal(decodeClientId(normal ?? '', key), address);
  }),
  /** The URL, and behind the first line break the subprotocols offered. */
  pureTarget(
    'upgradeTarget',
    125_000,
    (random) => mutate(random, upgrades),
    (input) => {
      const [url = '', ...offered] = input.toString().split('\n');
      const target = upgradeTarget(url, offered.length === 0 ? undefined : offered.join('\n'), paths);
      if (target === undefined) return;
      assert.equal(typeof target.dialect, 'string');
      const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
      for (const name of ['', 'token', ...query.keys()]) assert.equal(target.query.get(name), query.get(name));
    },
  ),
];
