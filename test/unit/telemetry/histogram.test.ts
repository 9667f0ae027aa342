import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketBounds, Histogram, histogramText } from '../../../src/telemetry/histogram.ts';

test('a histogram counts each duration once, in the smallest bucket that holds it', () => {
  const histogram = new Histogram();
  const [first, second] = bucketBounds as [number, number];
  for (const seconds of [0, first, first * 1.5, second, 1000]) histogram.observe(seconds);
  assert.deepEqual(histogram.counts.slice(0, 2), [2, 2]);
  assert.equal(histogram.counts.at(-1), 1);
  assert.equal(histogram.count, 5);
  assert.equal(histogram.sum, 0 + first + first * 1.5 + second + 1000);
});

test('its Prometheus text has cumulative buckets, the last of which holds everything', () => {
  const histogram = new Histogram();
  for (const seconds of [0.00004, 0.0001, 60]) histogram.observe(seconds);
  const lines = histogramText('x_seconds', 'Words.', histogram).split('\n');
  assert.deepEqual(lines.slice(0, 4), [
    '# HELP x_seconds Words.',
    '# TYPE x_seconds histogram',
    'x_seconds_bucket{le="0.00005"} 1',
    'x_seconds_bucket{le="0.0001"} 2',
  ]);
  assert.deepEqual(lines.slice(-4), [
    'x_seconds_bucket{le="+Inf"} 3',
    'x_seconds_sum 60.00014',
    'x_seconds_count 3',
    '',
  ]);
});
