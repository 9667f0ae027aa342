import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLoopLag } from '../../../src/telemetry/loop-lag.ts';
import { eventually } from '../../support/eventually.ts';

test('a loop that is held up shows in the lag, beyond the sampling interval', async () => {
  const lag = createLoopLag(1000);
  try {
    await eventually('the pause was seen', async () => {
      // The sampler takes a turn or two to begin, and again after each window.
      await delay(50);
      const end = performance.now() + 80;
      while (performance.now() < end);
      await delay(5);
      return lag.read().max >= 40;
    });
    const { mean, p99, max } = lag.read();
    assert.ok(mean > 0 && mean <= max && p99 <= max, JSON.stringify({ mean, p99, max }));
  } finally {
    lag.stop();
  }
});
