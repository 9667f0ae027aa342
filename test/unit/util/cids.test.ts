import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCids, leaseOf, newLease } from '../../../src/util/cids.ts';

describe('leases of connection ids', () => {
  test('are none that is taken, and fit above the count', () => {
    const taken = new Set<number>();
    for (let n = 0; n < 5000; n += 1) {
      const lease = newLease(taken);
      assert.ok(lease > 0 && lease < 2 ** 20 && !taken.has(lease));
      taken.add(lease);
    }
  });

  test('are read back from a cid, and from nothing else', () => {
    for (const lease of [1, 77, 2 ** 20 - 1]) assert.equal(leaseOf(String(createCids(lease)())), lease);
    for (const ref of ['', '0', '-1', '1e3', '01', '99999999999999999', 'abc']) assert.equal(leaseOf(ref), undefined);
  });
});
