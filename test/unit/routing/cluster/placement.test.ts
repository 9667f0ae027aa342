import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Placement } from '../../../../src/routing/cluster/placement.ts';
import { createCids } from '../../../../src/util/cids.ts';

function create(others: string[]) {
  const placement = new Placement({
    ...{ self: 'n1', nodes: () => others, nodesOf: () => [], nodesOfGroup: () => [] },
    addressIn: (clientId) => clientId,
  });
  placement.learn('n1', { lease: 1, clientAddress: 'one' });
  const ownersOf = (ref: string) => [...placement.ofRefs([ref]).keys()];
  return { placement, ownersOf };
}

const cidOf = (lease: number) => String(createCids(lease)());

test('a connection is of the node that has its lease or its address now, whoever had it before', () => {
  const { placement, ownersOf } = create(['n2', 'n3']);
  placement.learn('n2', { lease: 2, clientAddress: 'two' });
  placement.learn('n3', { lease: 3, clientAddress: 'two' });
  assert.deepEqual(ownersOf('two'), ['n3']);
  assert.deepEqual(ownersOf(cidOf(3)), ['n3']);
  placement.learn('n2', { lease: 3, clientAddress: 'other' });
  assert.deepEqual(ownersOf(cidOf(3)), ['n2']);
  assert.deepEqual(ownersOf('one'), [], 'of this node');
});

test('a connection is of nobody where its node should not be there any more', () => {
  const others = ['n2', 'n3'];
  const { placement, ownersOf } = create(others);
  placement.learn('n2', { lease: 2, clientAddress: 'two' });
  assert.deepEqual(ownersOf(cidOf(2)), ['n2']);
  others.shift();
  assert.deepEqual(ownersOf(cidOf(2)), ['n3'], 'n3 has not said which lease it has');
  placement.learn('n3', { lease: 3, clientAddress: 'three' });
  others.push('n2');
  assert.deepEqual(ownersOf(cidOf(9)), ['n2'], 'what it was named is forgotten');
});
