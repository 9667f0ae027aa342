import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterFigures, NodeStats, Shedding } from '../../../src/api/stats.ts';
import { type ClusterSide, gatherNodeStats } from '../../../src/app/node-stats.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { MemorySystems } from '../../../src/store/memory-systems.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { mintClientId } from '../../support/fake-node.ts';

interface Situation {
  readonly state?: NodeStats['state'];
  readonly lateMs?: number;
  readonly failure?: string;
  readonly shedding?: readonly Shedding[];
  /** Bytes that wait for each connection. */
  readonly queues?: readonly number[];
  readonly cluster?: ClusterSide;
}

function gather({ cluster, state = 'serving', lateMs = 0, failure, shedding = [], queues = [] }: Situation) {
  const registry = new Registry({ mintClientId });
  for (const [at, queueBytes] of queues.entries()) {
    const connection = new FakeConnection({ cid: at + 1 });
    Object.defineProperty(connection, 'queueBytes', { value: queueBytes });
    registry.add(connection);
  }
  return gatherNodeStats({
    nodeId: 'n1',
    version: '0.0.0',
    registry,
    systems: new MemorySystems(),
    counters: new Counters(),
    startedAt: Date.now(),
    uptimeMs: () => 0,
    state: () => state,
    drain: () => undefined,
    addresses: () => [],
    pending: () => 0,
    lostLogLines: () => ({ file: 3 }),
    loopLag: () => ({ mean: 0, p99: lateMs, max: lateMs }),
    pressure: { shedding, why: () => shedding.join() },
    cluster,
    queues: () => undefined,
    marks: () => ({ seen_shortened: 0, seen_failed: 0, sequences_local: 0, idempotency_alone: 0 }),
    probe: () => ({ lastMs: failure === undefined ? 1 : undefined, failure }),
  });
}

test('a node that serves, delivers and is on time is ok', async () => {
  assert.deepEqual((await gather({})).health, { verdict: 'ok', reasons: [] });
});

test('lines of log that were lost are counted by where they should have gone', async () => {
  assert.deepEqual((await gather({})).lostLogLines, { file: 3 });
});

test('a node whose probe does not come back is critical, and says why', async () => {
  const { health, probeMs } = await gather({ failure: 'not within 2000 ms', lateMs: 1000 });
  assert.deepEqual(health, { verdict: 'critical', reasons: ['not within 2000 ms'] });
  assert.equal(probeMs, undefined);
});

test('a node that runs late, starts or drains is degraded, and says so', async () => {
  assert.equal((await gather({ lateMs: 200 })).health.verdict, 'ok');
  const late = (await gather({ lateMs: 201 })).health;
  assert.deepEqual(late, { verdict: 'degraded', reasons: ['the event loop runs 201 ms late'] });
  for (const state of ['starting', 'draining'] as const) {
    assert.deepEqual((await gather({ state })).health, { verdict: 'degraded', reasons: [state] });
  }
});

const figures: ClusterFigures = {
  ...{ incarnation: 1, links: ['n2'], members: 2, died: 0, redis: { up: true } },
  bus: { engine: 'redis', up: true, figures: {} },
};

test('a node that is cut off from what its peers reach is critical, one that misses what all miss degraded', async () => {
  const side = (cutOff: string | undefined, troubles: readonly string[]) => ({
    cluster: { rpcAddress: '127.0.0.1:1666', cutOff, troubles, figures: () => figures },
  });
  const cut = await gather(side('n2 reaches Redis', ['Redis cannot be asked']));
  assert.deepEqual(cut.health, { verdict: 'critical', reasons: ['n2 reaches Redis'] });
  assert.deepEqual([cut.cluster, cut.rpcAddress], [figures, '127.0.0.1:1666']);
  const shared = (await gather(side(undefined, ['Redis cannot be asked']))).health;
  assert.deepEqual(shared, { verdict: 'degraded', reasons: ['Redis cannot be asked'] });
  assert.equal((await gather(side(undefined, []))).health.verdict, 'ok');
  assert.equal('cluster' in (await gather({})), false);
});

test('a node that takes no newcomers is degraded, and says what it lacks', async () => {
  const { health, shedding } = await gather({ shedding: ['heap', 'descriptors'], lateMs: 300 });
  assert.deepEqual(shedding, ['heap', 'descriptors']);
  const reasons = ['newcomers are refused: heap,descriptors', 'the event loop runs 300 ms late'];
  assert.deepEqual(health, { verdict: 'degraded', reasons });
});

test('bytes that wait are added up; a connection with more than 16 KiB of them is slow', async () => {
  const { outboxBytes, slowClients } = await gather({ queues: [0, 16 * 1024, 16 * 1024 + 1, 1_000_000] });
  assert.equal(outboxBytes, 32 * 1024 + 1 + 1_000_000);
  assert.equal(slowClients, 2);
});
