import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totalsOfNodes } from '../../../src/client/totals.ts';
import { nodeStats } from '../../support/node-stats.ts';

test('counts are summed over the nodes but for users and groups, of which one may be on both; systems, which all nodes share, and the lag are the largest', () => {
  const lag = (p99: number) => ({ mean: 1, p99, max: p99 });
  const one = nodeStats({ connections: 3, users: 2, outboxBytes: 10, systems: 2, eventLoopLagMs: lag(5) });
  const two = nodeStats({ connections: 4, users: 1, outboxBytes: 20, systems: 1, eventLoopLagMs: lag(9) });
  const { connections, users, groups, outboxBytes, systems, lagP99Ms } = totalsOfNodes({
    nodes: [one, two],
    totals: { users: 2, groups: 4 },
  });
  assert.deepEqual(
    { connections, users, groups, outboxBytes, systems, lagP99Ms },
    {
      connections: 7,
      users: 2,
      groups: 4,
      outboxBytes: 30,
      systems: 2,
      lagP99Ms: 9,
    },
  );
});

test('of no nodes everything is zero', () => {
  assert.deepEqual(new Set(Object.values(totalsOfNodes({ nodes: [], totals: { users: 0, groups: 0 } }))), new Set([0]));
});
