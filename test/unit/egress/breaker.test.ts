import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Breaker, type BreakerOptions, type BreakerState, usualBreaker } from '../../../src/egress/breaker.ts';

/** One with a clock of its own, which stays open as long as it may. */
function breakerAt(more: Partial<BreakerOptions> = {}) {
  const clock = { ms: 0 };
  const states: BreakerState[] = [];
  const breaker = new Breaker({
    ...usualBreaker,
    ...more,
    now: () => clock.ms,
    random: () => 1,
    onState: (state) => states.push(state),
  });
  const tryIt = (outcome: 'success' | 'failure' | 'neither') => {
    const ticket = breaker.begin();
    if (ticket === undefined) return 'refused';
    breaker.end(ticket, outcome);
    return breaker.state;
  };
  const times = (count: number, outcome: 'success' | 'failure') => {
    for (let at = 0; at < count; at++) tryIt(outcome);
  };
  return { breaker, clock, states, tryIt, times };
}

describe('a breaker', () => {
  test('opens after so many failures in a row, not after one less', () => {
    const { breaker, tryIt, times } = breakerAt();
    times(4, 'failure');
    tryIt('success');
    times(4, 'failure');
    assert.equal(breaker.state, 'closed');
    assert.equal(tryIt('failure'), 'open');
    assert.deepEqual([tryIt('success'), breaker.isShut, breaker.opened], ['refused', true, 1]);
  });

  test('opens when half of many tries fail, on the failure that makes it half', () => {
    const { breaker, tryIt } = breakerAt();
    for (let at = 0; at < 9; at++) {
      tryIt('failure');
      tryIt('success');
    }
    tryIt('success');
    assert.equal(breaker.state, 'closed');
    assert.equal(tryIt('failure'), 'open');
  });

  test('forgets what was longer ago than its window', () => {
    const { breaker, clock, tryIt, times } = breakerAt({ inARow: 1000 });
    times(19, 'failure');
    clock.ms = 10_000;
    tryIt('failure');
    assert.equal(breaker.state, 'closed');
    times(19, 'failure');
    assert.equal(breaker.state, 'open');
  });

  test('lets one try through when its time is over, which decides', () => {
    const { breaker, clock, states, tryIt, times } = breakerAt();
    times(5, 'failure');
    clock.ms = 999;
    assert.equal(breaker.begin(), undefined);
    clock.ms = 1000;
    assert.equal(breaker.isShut, false);
    const ticket = breaker.begin();
    assert.ok(ticket !== undefined);
    assert.deepEqual([breaker.begin(), breaker.isShut], [undefined, true]);
    breaker.end(ticket, 'success');
    assert.deepEqual(states, ['open', 'half-open', 'closed']);
    times(4, 'failure');
    assert.equal(tryIt('success'), 'closed', 'what failed before counts no more');
  });

  test('stays open twice as long after each try that fails, up to its most, and short again once it has closed', () => {
    const { breaker, clock, tryIt, times } = breakerAt({ mostOpenMs: 4000 });
    times(5, 'failure');
    for (const openMs of [1000, 2000, 4000, 4000]) {
      clock.ms += openMs - 1;
      assert.equal(tryIt('failure'), 'refused', `${openMs}`);
      clock.ms += 1;
      tryIt('failure');
    }
    clock.ms += 4000;
    assert.equal(tryIt('success'), 'closed');
    times(5, 'failure');
    clock.ms += 1000;
    assert.equal(breaker.isShut, false);
  });

  test('hears nothing of tries from before it opened, or closed', () => {
    const { breaker, clock, times } = breakerAt();
    const early = breaker.begin();
    assert.ok(early !== undefined);
    times(5, 'failure');
    breaker.end(early, 'success');
    assert.equal(breaker.state, 'open');
    clock.ms = 1000;
    const probe = breaker.begin();
    breaker.end(early, 'success');
    assert.equal(breaker.state, 'half-open');
    breaker.end(probe ?? 0, 'success');
    for (let at = 0; at < 5; at++) breaker.end(early, 'failure');
    assert.equal(breaker.state, 'closed');
  });

  test('lets the next one try where its try was broken off by us', () => {
    const { breaker, clock, tryIt, times } = breakerAt();
    times(5, 'failure');
    clock.ms = 1000;
    assert.equal(tryIt('neither'), 'open');
    assert.equal(tryIt('success'), 'closed');
    assert.equal(tryIt('neither'), 'closed');
    assert.equal(breaker.opened, 1);
  });
});
