import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGroup } from '../../../src/util/address-group.ts';

const groups: Readonly<Record<string, string>> = {
  '10.0.0.1': '10.0.0.1',
  '': '',
  'fe80::1%eth0': 'fe80:0:0:0::/64',
  '::1': '0:0:0:0::/64',
  '::': '0:0:0:0::/64',
  '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
  '2001:DB8:0001:2:ffff:4:5:6': '2001:db8:1:2::/64',
  '2001:db8::5:6': '2001:db8:0:0::/64',
  '2001:db8:1::1:2:3:4': '2001:db8:1:0::/64',
  '2001:db8:1:2::': '2001:db8:1:2::/64',
  '64:ff9b::192.0.2.1': '64:ff9b:0:0::/64',
};

for (const [address, group] of Object.entries(groups)) {
  test(`"${address}" counts as ${group === address ? 'itself' : group}`, () => {
    assert.equal(addressGroup(address), group);
  });
}
