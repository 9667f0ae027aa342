import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Meter } from '../../../src/util/meter.ts';

test('a rate is that of the last ten seconds', () => {
  let now = 123_456;
  const meter = new Meter(() => now);
  for (let second = 0; second < 30; second++) {
    meter.add(100);
    now += 1000;
  }
  assert.ok(Math.abs(meter.perSecond - 100) < 6, String(meter.perSecond));
  now += 5000;
  assert.ok(Math.abs(meter.perSecond - 50) < 10, String(meter.perSecond));
  now += 60_000;
  assert.equal(meter.perSecond, 0);
});

test('a young meter averages over its age, and over a second at least', () => {
  let now = 5_500;
  const meter = new Meter(() => now);
  meter.add(10);
  assert.equal(meter.perSecond, 10);
  now += 2000;
  assert.equal(meter.perSecond, 5);
});
