import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unreachedWords } from '../../../../src/api/standing.ts';
import type { NodeStats } from '../../../../src/api/stats.ts';
import { clusterStats } from '../../../../src/routing/cluster/stats.ts';

const nodeOf = (node: string, ...reasons: readonly string[]) =>
  ({ node, health: { verdict: reasons.length > 0 ? 'degraded' : 'ok', reasons } }) as unknown as NodeStats;
const healthOf = (nodes: readonly NodeStats[], missing: readonly string[] = []) =>
  clusterStats(nodes, { missing, whyMissing: () => 'connection refused', users: 0, groups: 0, time: 0 }).health;

describe('the health of a cluster', () => {
  it('names a trouble once, with those who have it', () => {
    const redis = 'Redis cannot be asked: it is gone';
    const some = [nodeOf('b', redis), nodeOf('a', redis, 'busy'), nodeOf('c')];
    assert.deepEqual(healthOf(some), { verdict: 'degraded', reasons: [`a, b: ${redis}`, 'a: busy'] });
    const all = ['a', 'b', 'c'].map((id) => nodeOf(id, redis));
    assert.deepEqual(healthOf(all).reasons, [`all 3 nodes: ${redis}`]);
    assert.deepEqual(healthOf(all, ['d']).reasons, [`a, b, c: ${redis}`, 'd: connection refused']);
    assert.deepEqual(healthOf([nodeOf('a', redis)]).reasons, [`a: ${redis}`]);
  });

  it('says in one line that a node is missed by all, and names those who miss it where others do not', () => {
    const words = unreachedWords('c');
    const all = [nodeOf('a', words), nodeOf('b', words)];
    assert.deepEqual(healthOf(all, ['c']).reasons, ['c: connection refused']);
    const some = [nodeOf('a', words), nodeOf('b')];
    assert.deepEqual(healthOf(some, ['c']).reasons, [`a: ${words}`, 'c: connection refused']);
    assert.deepEqual(healthOf([nodeOf('a'), nodeOf('b', words), nodeOf('c')]).reasons, [`b: ${words}`]);
  });
});
