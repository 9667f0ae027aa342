import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratesBetween, secondsBetween, sumRates } from '../../../src/client/rates.ts';
import { nodeStats } from '../../support/node-stats.ts';

test('a rate is the difference of the totals by the time that passed', () => {
  const before = nodeStats({
    messagesInTotal: 100,
    deliveriesTotal: 1000,
    droppedTotal: 3,
    dropped: { closing: 3 },
    cpuSeconds: 4,
  });
  const after = nodeStats({
    messagesInTotal: 150,
    deliveriesTotal: 1400,
    droppedTotal: 5,
    dropped: { closing: 5 },
    cpuSeconds: 5,
  });
  assert.deepEqual(ratesBetween(before, after, 2), {
    in: 25,
    out: 200,
    dropped: 1,
    droppedBy: { closing: 1 },
    cpu: 0.5,
  });
});

test('there is no rate over a restart, even where the counters have grown past their old values', () => {
  const before = nodeStats({ startedAt: 1000, messagesInTotal: 100 });
  assert.equal(ratesBetween(before, nodeStats({ startedAt: 9000, messagesInTotal: 500 }), 1), undefined);
  assert.equal(ratesBetween(before, nodeStats({ startedAt: 1000, pid: 77, messagesInTotal: 500 }), 1), undefined);
});

test('there is no rate where a counter went backwards, without an earlier sample, or without time', () => {
  const before = nodeStats({ messagesInTotal: 100 });
  assert.equal(ratesBetween(before, nodeStats({ messagesInTotal: 99 }), 1), undefined);
  assert.equal(ratesBetween(undefined, before, 1), undefined);
  assert.equal(ratesBetween(before, before, 0), undefined);
});

test('a cluster rate sums the nodes that have one', () => {
  const one = { in: 1, out: 2, dropped: 1, droppedBy: { closing: 1 }, cpu: 0.5 };
  const two = { in: 2, out: 3, dropped: 2, droppedBy: { closing: 1, slow_consumer: 1 }, cpu: 0.25 };
  assert.deepEqual(sumRates([one, undefined, two]), {
    in: 3,
    out: 5,
    dropped: 3,
    droppedBy: { closing: 2, slow_consumer: 1 },
    cpu: 0.75,
  });
  assert.equal(sumRates([undefined]), undefined);
});

test('the server clock tells the time between samples, a slow answer notwithstanding', () => {
  const earlier = { serverMs: 5000, askedMs: 0, answeredMs: 10 };
  assert.equal(secondsBetween(earlier, { serverMs: 6000, askedMs: 1000, answeredMs: 1900 }), 1);
});

test('a stepped server clock is not believed beyond what our own allows', () => {
  const earlier = { serverMs: 5000, askedMs: 0, answeredMs: 10 };
  assert.equal(secondsBetween(earlier, { serverMs: 3_605_000, askedMs: 1000, answeredMs: 1020 }), 1.02);
  assert.equal(secondsBetween(earlier, { serverMs: 1000, askedMs: 1000, answeredMs: 1020 }), 0.99);
});
