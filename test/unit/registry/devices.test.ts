import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Identity } from '../../../src/registry/connection.ts';
import { displacedBy, displacerOf } from '../../../src/registry/devices.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { defaultDevices } from '../../support/fake-node.ts';

const device = (loginSequence: number, channel: string, deviceId: string): Identity => ({
  uid: 'alice',
  deviceId,
  deviceName: '',
  channel,
  boundAt: 1,
  loginSequence,
});

function holding(identity: Identity | undefined): FakeConnection {
  const connection = new FakeConnection({ cid: 1 });
  connection.identity = identity;
  return connection;
}

/** What the second login, on `newer`, does to the first, on `older`. */
function outcome(older: Identity, newer: Identity): 'stays' | 'silently' | 'told' {
  const connection = holding(older);
  const { silently, told } = displacedBy(newer, [connection], defaultDevices);
  const reversed = displacerOf(older, [holding(newer)], defaultDevices);
  const found = silently.includes(connection) ? 'silently' : told.includes(connection) ? 'told' : 'stays';
  assert.equal(reversed?.how ?? 'stays', found, 'the same when the older login arrives last');
  return found;
}

const channels = ['android', 'ios', 'windows', 'mac', 'web', 'tv', ''] as const;
const phones: readonly string[] = ['android', 'ios'];
const desks: readonly string[] = ['windows', 'mac', 'web'];

describe('a newer login', () => {
  for (const older of channels) {
    for (const newer of channels) {
      const sameClass =
        (phones.includes(older) && phones.includes(newer)) || (desks.includes(older) && desks.includes(newer));
      test(`on another device with "${newer}" ${sameClass ? 'tells' : 'leaves'} the older one with "${older}"`, () => {
        assert.equal(outcome(device(1, older, 'd1'), device(2, newer, 'd2')), sameClass ? 'told' : 'stays');
      });
      const tabs = older === 'web' && newer === 'web';
      test(`on the same device with "${newer}" ${tabs ? 'leaves' : 'silently ends'} the older one with "${older}"`, () => {
        assert.equal(outcome(device(1, older, 'd1'), device(2, newer, 'd1')), tabs ? 'stays' : 'silently');
      });
    }
  }

  test('without a device is never on the same device as another', () => {
    assert.equal(outcome(device(1, 'android', ''), device(2, 'android', '')), 'told');
    assert.equal(outcome(device(1, 'tv', ''), device(2, 'tv', '')), 'stays');
    assert.equal(outcome(device(1, '', ''), device(2, '', '')), 'stays');
  });

  test('has the higher number: an equal or lower one ends nothing', () => {
    assert.equal(outcome(device(2, 'android', 'd1'), device(2, 'ios', 'd2')), 'stays');
    assert.equal(outcome(device(3, 'android', 'd1'), device(2, 'ios', 'd1')), 'stays');
  });

  test('ends every connection of its class, and passes those without a user', () => {
    const connections = [
      holding(device(1, 'android', 'd1')),
      holding(device(2, 'ios', 'd2')),
      holding(device(3, 'web', 'd3')),
      holding(device(4, 'ios', 'd9')),
      holding(undefined),
    ];
    const { silently, told } = displacedBy(device(9, 'android', 'd9'), connections, defaultDevices);
    assert.deepEqual(
      told.map((c) => c.identity?.deviceId),
      ['d1', 'd2'],
    );
    assert.deepEqual(
      silently.map((c) => c.identity?.deviceId),
      ['d9'],
    );
  });

  test('follows the configured rule: nothing is exclusive where the rule names nothing', () => {
    const rule = { exclusive: [], coexist: ['tv'] };
    const connections = [holding(device(1, 'android', 'd1')), holding(device(1, 'tv', 'd2'))];
    const { silently, told } = displacedBy(device(2, 'tv', 'd2'), connections, rule);
    assert.deepEqual([silently, told], [[], []]);
  });
});
