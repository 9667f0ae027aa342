import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countGroups } from '../../../../src/routing/cluster/group-counts.ts';

test('a group of which nodes do not know who else has it is counted once, in each system; what is a node’s to count is added', () => {
  const one = { counted: 2, unsure: [['shop', ['a', 'b']] as const, ['default', ['a']] as const] };
  const two = { counted: 1, unsure: [['shop', ['b', 'c']] as const] };
  assert.equal(countGroups([one, two]), 2 + 1 + 3 + 1);
  assert.equal(countGroups([]), 0);
});
