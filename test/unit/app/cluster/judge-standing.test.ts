import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Standing } from '../../../../src/api/standing.ts';
import { type Circumstances, judgeStanding } from '../../../../src/app/cluster/judge-standing.ts';

const well: Standing = { redis: true, bus: true, links: 2 };

function judge(more: Partial<Circumstances>, standings: Readonly<Record<string, Standing>> = {}) {
  return judgeStanding({
    redisFailure: undefined,
    busFailure: undefined,
    engine: 'kafka',
    expected: ['n2', 'n3'],
    linked: ['n2', 'n3'],
    standingOf: (node) => standings[node],
    ...more,
  });
}

describe('judgeStanding', () => {
  test('finds nothing to say of a node that reaches everything', () => {
    assert.deepEqual(judge({}), { cutOff: undefined, troubles: [] });
  });

  test('calls an outage of Redis that all share no cut', () => {
    const without = { ...well, redis: false };
    const { cutOff, troubles } = judge({ redisFailure: 'ECONNREFUSED' }, { n2: without, n3: without });
    assert.equal(cutOff, undefined);
    assert.deepEqual(troubles, ['Redis cannot be asked: ECONNREFUSED']);
  });

  test('calls a node cut off that misses Redis while another does not', () => {
    const { cutOff } = judge({ redisFailure: 'timed out' }, { n2: { ...well, redis: false }, n3: well });
    assert.match(cutOff ?? '', /Redis \(timed out\), n3 can/);
  });

  test('calls a node cut off that reaches nothing at all, but not one that never had others', () => {
    assert.match(judge({ redisFailure: 'x', linked: [] }).cutOff ?? '', /neither Redis nor any other/);
    assert.equal(judge({ redisFailure: 'x', linked: [], expected: [] }).cutOff, undefined);
  });

  test('calls an outage of the bus that all share no cut, and one of this node a cut', () => {
    const without = { ...well, bus: false };
    const shared = judge({ busFailure: 'gone' }, { n2: without, n3: without });
    assert.equal(shared.cutOff, undefined);
    assert.match(shared.troubles[0] ?? '', /the bus kafka is down \(gone\)/);
    assert.match(judge({ busFailure: 'gone' }, { n2: without, n3: well }).cutOff ?? '', /kafka \(gone\), n3 can/);
  });

  test('says of a bus that is slow that it is, which is no cut', () => {
    const slow = judge({ busDelay: 'not confirmed in time' }, { n2: well, n3: well });
    assert.deepEqual([slow.cutOff, slow.troubles.length], [undefined, 1]);
    assert.match(slow.troubles[0] ?? '', /kafka is slow \(not confirmed in time\)/);
  });

  test('names nodes that live and are not linked, and is cut off where those are linked with each other', () => {
    const one = judge({ linked: ['n2'] }, { n2: well });
    assert.equal(one.cutOff, undefined);
    assert.deepEqual(one.troubles, ['the node n3 lives and cannot be reached over the RPC']);
    assert.match(judge({ linked: [] }, { n2: well, n3: well }).cutOff ?? '', /n2 is linked with others/);
    const lonely = { ...well, links: 0 };
    assert.equal(judge({ linked: [] }, { n2: lonely, n3: lonely }).cutOff, undefined);
  });
});
