import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Pause, watchPauses } from '../../../src/telemetry/pauses.ts';

/** Each step is the time and the CPU time until the next look at the clock. */
function watch(t: TestContext, steps: readonly { ms: number; cpuMs: number }[]): Pause[] {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const seen: Pause[] = [];
  let [nowMs, cpu] = [5, 7];
  const stop = watchPauses({ onPause: (pause) => seen.push(pause), now: () => nowMs, cpuMs: () => cpu });
  for (const { ms, cpuMs } of steps) {
    nowMs += ms;
    cpu += cpuMs;
    t.mock.timers.tick(250);
  }
  stop();
  nowMs += 60_000;
  t.mock.timers.tick(250);
  return seen;
}

test('a second beyond the interval is a pause, with its length and the CPU time spent in it', (t) => {
  const steps = [
    { ms: 250, cpuMs: 10 },
    { ms: 1249, cpuMs: 900 },
    { ms: 1250, cpuMs: 3 },
    { ms: 250, cpuMs: 5 },
    { ms: 30_250, cpuMs: 29_900 },
  ];
  assert.deepEqual(watch(t, steps), [
    { ms: 1000, cpuMs: 3 },
    { ms: 30_000, cpuMs: 29_900 },
  ]);
});

test('a loop that turns, however busy, is no pause', (t) => {
  const steps = Array.from({ length: 100 }, () => ({ ms: 900, cpuMs: 900 }));
  assert.deepEqual(watch(t, steps), []);
});
