import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Histogram } from '../../../src/load/histogram.ts';
import { createRandom } from '../../support/random.ts';

describe('Histogram', () => {
  test('answers percentiles less than 1 % too high and never too low, over nine orders of magnitude', () => {
    const random = createRandom(11);
    const values = Array.from({ length: 20_000 }, () => Math.floor(10 ** (random() * 9.5)));
    const histogram = new Histogram();
    for (const value of values) histogram.record(value);
    values.sort((a, b) => a - b);
    for (const percent of [0.1, 1, 10, 50, 90, 99, 99.9, 100]) {
      const exact = values[Math.ceil((values.length * percent) / 100) - 1] as number;
      const told = histogram.percentile(percent);
      assert.ok(told >= exact && told <= exact * 1.01, `p${percent}: ${told} for ${exact}`);
    }
    assert.equal(histogram.count, values.length);
    assert.equal(histogram.max, histogram.percentile(100));
  });

  test('is exact for small values, at every border of a bucket close, and takes the smallest and the largest', () => {
    for (const value of [0, 1, 255, 256, 257, 511, 512, 2 ** 20, 2 ** 31, 2 ** 32 - 1]) {
      const histogram = new Histogram();
      histogram.record(value);
      assert.ok(histogram.max >= value && histogram.max <= value * 1.01, `${value} is ${histogram.max}`);
    }
    const histogram = new Histogram();
    histogram.record(-5);
    histogram.record(2 ** 40);
    assert.equal(histogram.percentile(50), 0);
    assert.equal(histogram.max, 2 ** 32 - 1);
  });

  test('merges, through memory that threads share, as if all had been recorded in one', () => {
    const random = createRandom(2);
    const [all, one, sum] = [new Histogram(), new Histogram(), new Histogram()];
    const memory = new SharedArrayBuffer(Histogram.bytes);
    for (let at = 0; at < 1000; at++) {
      const value = Math.floor(random() * 1e6);
      all.record(value);
      (at % 2 === 0 ? one : new Histogram(memory)).record(value);
    }
    sum.add(one);
    sum.add(new Histogram(memory));
    for (const percent of [1, 50, 99, 100]) assert.equal(sum.percentile(percent), all.percentile(percent));
    assert.equal(sum.mean, all.mean);
  });

  test('lets a value stand for several', () => {
    const histogram = new Histogram();
    histogram.record(10, 99);
    histogram.record(1000, 1);
    assert.equal(histogram.count, 100);
    assert.equal(histogram.percentile(99), 10);
    assert.ok(histogram.percentile(99.5) >= 1000);
  });

  test('says 0 of nothing', () => {
    const histogram = new Histogram();
    assert.deepEqual([histogram.count, histogram.max, histogram.percentile(99), histogram.mean], [0, 0, 0, 0]);
  });
});
