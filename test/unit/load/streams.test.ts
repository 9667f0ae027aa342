import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planStreams, StreamCounter, streamOf } from '../../../src/load/streams.ts';

describe('streams', () => {
  test('each is of one lane, so that its order is the order it was sent in, and every target has its turn', () => {
    for (const [targets, lanes] of [
      [1, 1],
      [1, 32],
      [7, 3],
      [3, 7],
      [10, 10],
      [100, 32],
      [33, 32],
    ] as const) {
      const plan = planStreams(targets, lanes);
      const laneOf = new Map<string, number>();
      const seen = new Set<number>();
      for (let lane = 0; lane < lanes; lane++) {
        for (let turn = 0; turn < targets * 2; turn++) {
          const stream = streamOf(plan, lane, turn);
          assert.ok(stream.target < targets && stream.lane < plan.lanesPerTarget);
          const key = `${stream.target}/${stream.lane}`;
          assert.equal(laneOf.get(key) ?? lane, lane, `${targets} targets, ${lanes} lanes: ${key}`);
          laneOf.set(key, lane);
          seen.add(stream.target);
        }
      }
      assert.equal(seen.size, targets, `${targets} targets, ${lanes} lanes`);
    }
  });

  test('count what must be delivered, without what the server may not have taken', () => {
    const counter = new StreamCounter(planStreams(2, 4));
    assert.deepEqual([counter.next(0, 0), counter.next(0, 0), counter.next(0, 1), counter.next(1, 1)], [0, 1, 0, 0]);
    counter.doubt(0, 0, 1);
    counter.doubt(0, 0, 1);
    assert.equal(counter.deliveries([10, 3]), 23);
    assert.deepEqual([...counter.sent.counts], [2, 1, 0, 1]);
  });
});
