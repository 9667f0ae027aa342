import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Standing } from '../../../../src/api/standing.ts';
import type { Circumstances } from '../../../../src/app/cluster/judge-standing.ts';
import { StandingWatch } from '../../../../src/app/cluster/standing-watch.ts';
import { eventually } from '../../../support/eventually.ts';

const others: Standing = { redis: true, bus: true, links: 1 };

function start(t: TestContext, patienceMs: number, sayAfterMs = 0) {
  const state: { redisFailure: string | undefined; linked: readonly string[]; n2: Standing } = {
    redisFailure: undefined,
    linked: ['n2'],
    n2: others,
  };
  const told: Standing[] = [];
  const lines: string[] = [];
  const circumstances = (): Circumstances => ({
    ...{ redisFailure: state.redisFailure, busFailure: undefined, engine: 'redis' },
    ...{ expected: ['n2'], linked: state.linked, standingOf: () => state.n2 },
  });
  const watch = new StandingWatch({
    circumstances,
    tell: (standing) => told.push(standing),
    log: { warn: (line: unknown) => lines.push(String(line)), info: (line: unknown) => lines.push(String(line)) },
    intervalMs: 5,
    patienceMs,
    sayAfterMs,
  });
  watch.start();
  t.after(() => watch.stop());
  return { state, told, lines, watch };
}

describe('StandingWatch', () => {
  test('tells the others what this node reaches, once for each change', async (t) => {
    const { state, told, watch } = start(t, 0);
    watch.look();
    state.redisFailure = 'gone';
    await eventually('it is told', () => told.length === 2);
    watch.look();
    assert.deepEqual(told, [others, { redis: false, bus: true, links: 1 }]);
  });

  test('calls the node cut off when the cut has lasted, and no longer when it is over', async (t) => {
    const { state, watch } = start(t, 50);
    state.redisFailure = 'gone';
    watch.look();
    assert.equal(watch.cutOff, undefined);
    assert.deepEqual(watch.troubles, ['Redis cannot be asked: gone']);
    await eventually('it is cut off', () => watch.cutOff !== undefined);
    assert.match(watch.cutOff ?? '', /n2 can/);
    state.redisFailure = undefined;
    await eventually('it is not', () => watch.cutOff === undefined);
  });

  test('never calls it cut off while the others are no better off', async (t) => {
    const { state, watch, lines } = start(t, 0);
    state.n2 = { ...others, redis: false };
    state.redisFailure = 'gone';
    watch.look();
    watch.look();
    assert.equal(watch.cutOff, undefined);
    state.redisFailure = undefined;
    await eventually('it is said', () => lines.length === 2);
    assert.deepEqual(lines, ['Redis cannot be asked: gone', 'the cluster is whole again']);
  });

  test('says nothing of what is over soon', async (t) => {
    const { state, watch, lines } = start(t, 0, 60_000);
    state.linked = [];
    watch.look();
    state.linked = ['n2'];
    watch.look();
    assert.deepEqual(lines, []);
  });
});
