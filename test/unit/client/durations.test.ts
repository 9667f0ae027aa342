import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DurationFigures, NodeStats } from '../../../src/api/stats.ts';
import { durationsOf, percentileOf } from '../../../src/client/durations.ts';
import { bucketBounds, durationFigures, Histogram } from '../../../src/telemetry/histogram.ts';
import { noDurations, nodeStats } from '../../support/node-stats.ts';

const figures = (...counts: number[]): DurationFigures => {
  const bounds = counts.slice(1).map((_, at) => at + 1);
  return { bounds, counts, count: counts.reduce((a, b) => a + b), sum: 0 };
};
const node = (flush: DurationFigures, patch: Partial<NodeStats> = {}) =>
  nodeStats({ durations: { flush, fanout: noDurations() }, ...patch });

test('a percentile lies between two bounds by proportion, and at the last bound for what is above all', () => {
  assert.equal(percentileOf(figures(10, 0, 0), 0.5), 0.5);
  assert.equal(percentileOf(figures(0, 10, 0), 0.5), 1.5);
  assert.equal(percentileOf(figures(5, 5, 0), 0.5), 1);
  assert.equal(percentileOf(figures(5, 0, 5), 0.99), 2);
  assert.equal(percentileOf(figures(0, 4, 0), 0), 1);
  assert.equal(percentileOf(figures(3, 4, 0), 1), 2);
  assert.equal(percentileOf(figures(0, 0, 0), 0.5), undefined);
});

test('of two samples only what came in between counts, over all nodes that are in both', () => {
  const before = [node(figures(5, 1, 0)), node(figures(1, 0, 0), { node: 'b' })];
  const now = [
    node(figures(5, 4, 1)),
    node(figures(3, 0, 0), { node: 'b' }),
    node(figures(100, 0, 0), { node: 'new' }),
  ];
  const { counts, count } = durationsOf('flush', now, before) ?? figures(0);
  assert.deepEqual([counts, count], [[2, 3, 1], 6]);
  assert.equal(durationsOf('flush', now)?.count, 113);
});

test('a node that started anew, one of an earlier release and one whose counts went backwards are left out', () => {
  const before = [node(figures(5, 1, 0)), node(figures(5, 1, 0), { node: 'b' }), nodeStats({ node: 'c' })];
  const { durations, ...silent } = nodeStats({ node: 'c' });
  const now = [node(figures(7, 1, 0), { startedAt: 2000 }), node(figures(4, 9, 0), { node: 'b' }), silent as NodeStats];
  assert.equal(durationsOf('flush', now, before), undefined);
  assert.equal(durationsOf('flush', before, before), undefined);
});

test('nodes with other bounds are counted together, each at its own', () => {
  const fine: DurationFigures = { bounds: [0.5, 1], counts: [1, 0, 0], count: 1, sum: 0.5 };
  const merged = durationsOf('flush', [node(fine), node(figures(2, 3, 0), { node: 'b' })]);
  assert.deepEqual(merged, { bounds: [0.5, 1, 2], counts: [1, 2, 3, 0], count: 6, sum: 0.5 });
});

test('what a histogram observed is found again within its bucket', () => {
  const histogram = new Histogram();
  for (let at = 1; at <= 1000; at += 1) histogram.observe(at / 1000);
  for (const q of [0.01, 0.5, 0.9, 0.99]) {
    const found = percentileOf(durationFigures(histogram), q) ?? 0;
    const bound = bucketBounds.findIndex((each) => q <= each);
    assert.ok(found <= (bucketBounds[bound] ?? 0) && found >= (bucketBounds[bound - 1] ?? 0), `${q}: ${found}`);
  }
  const told = durationFigures(histogram);
  histogram.observe(1);
  assert.equal(
    told.counts.reduce((a, b) => a + b),
    1000,
  );
});
