import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NodeStats } from '../../../src/api/stats.ts';
import { createOperatorDrain } from '../../../src/app/operator-drain.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { silentLogger } from '../../support/silent-logger.ts';

function createDrained(clients: number, { graceMs = 0, durationMs = 0 } = {}) {
  const connections = Array.from({ length: clients }, (_, n) => new FakeConnection({ cid: n + 1 }));
  const open = () => connections.filter(({ isOpen }) => isOpen);
  const log: string[] = [];
  const on = { state: 'serving' as NodeStats['state'] };
  const drain = createOperatorDrain({
    log: silentLogger(),
    state: () => on.state,
    times: { graceMs, durationMs },
    isQuiet: () => open().length === 0,
    clientsLeft: () => open().length,
    sockets: () => 0,
    takeClients: open,
    onBegin: () => void log.push('begin'),
    onEnd: () => void log.push('end'),
    onGiveWay: () => {},
  });
  return { drain, connections, open, log, on };
}

describe('a drain that an operator asks for', { timeout: 10_000 }, () => {
  test('closes all with 4001 and lasts until it is resumed', async () => {
    const { drain, connections, open, log } = createDrained(100);
    assert.equal(drain.read(), undefined);
    assert.equal(drain.begin(undefined), 100);
    await eventually('all are closed', () => open().length === 0);
    assert.ok(connections.every(({ closed }) => closed?.code === 4001));
    assert.deepEqual([drain.isOn, drain.read()], [true, { clients: 100, left: 0, isStaying: true }]);
    assert.deepEqual([drain.end(), drain.isOn, drain.read(), drain.end()], [true, false, undefined, false]);
    assert.deepEqual(log, ['begin', 'end']);
  });

  test('keeps to the rate, goes on at another one when asked again, and counts from its beginning', async () => {
    const { drain, open, log } = createDrained(50);
    drain.begin(0.001);
    await eventually('the first is closed', () => open().length === 49);
    assert.equal(drain.begin(10_000), 49);
    await eventually('all are closed', () => open().length === 0);
    assert.equal(drain.read()?.clients, 50);
    assert.deepEqual(log, ['begin']);
    drain.giveWay();
  });

  test('closes nobody before balancers have noticed, nor once it was resumed or the node stops', async () => {
    const { drain, open } = createDrained(5, { graceMs: 60_000 });
    drain.begin(undefined);
    assert.deepEqual([drain.isOn, drain.isNoticed, open().length], [true, false, 5]);
    drain.end();
    const slow = createDrained(5);
    slow.drain.begin(0.001);
    await eventually('the first is closed', () => slow.open().length === 4);
    assert.equal(slow.drain.isNoticed, true);
    slow.drain.giveWay();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([open().length, slow.open().length], [5, 4]);
  });

  test('is refused by a node that does not serve yet, or stops', () => {
    const { drain, on } = createDrained(0);
    for (const [state, code] of [['starting', 'unavailable'] as const, ['draining', 'going_away'] as const]) {
      on.state = state;
      assert.throws(() => drain.begin(1), { code });
      assert.throws(() => drain.end(), { code });
    }
    assert.equal(drain.isOn, false);
  });
});
