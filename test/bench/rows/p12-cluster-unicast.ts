import { startRedis } from '../../support/services/redis.ts';
import { absolute, differenceOf, ratioOf, side } from '../harness/measured.ts';
import { ownScope } from '../harness/own-scope.ts';
import { interleaved } from '../harness/pairs.ts';
import { openUnicast, type UnicastFigures, type UnicastLoad } from '../harness/post-unicast.ts';
import { treeCpuMs } from '../harness/process-tree.ts';
import { profileOf } from '../harness/profile.ts';
import type { Bench, Row } from '../harness/row.ts';
import { startServeCluster } from '../harness/serve-cluster.ts';
import { startServe } from '../harness/serve-process.ts';

/** Low enough for nothing to queue: what is left is the way. */
const steadyPerSecond = 500;

interface Side {
  readonly load: UnicastLoad;
  /** Milliseconds of processor: nodes and Redis, each by itself. */
  readonly cpuMs: () => Promise<readonly number[]>;
}

interface Run extends UnicastFigures {
  /** Of each process, microseconds. */
  readonly parts: readonly number[];
  readonly cpuMicros: number;
}

export const row: Row = {
  id: 'P12',
  scenario:
    '`POST /send` at one of two nodes with Redis between them, each to a user on the other, against one node that has them all',
  targets: [
    { figure: 'cpu', what: 'CPU per push, both nodes and Redis', limit: '≤ 2×' },
    { figure: 'p50', what: `p50 at ${steadyPerSecond} pushes/s, what it is longer`, limit: '≤ 2 ms' },
  ],
  run: measure,
};

async function measure(bench: Bench) {
  await using scope = ownScope();
  const redis = await startRedis(scope);
  bench.pinning.pinServer(redis.pid());
  const command = bench.pinning.serverCommand;
  await using cluster = await startServeCluster(['node A', 'node B'], { redis, command });
  const [a, b] = cluster.nodes;
  if (a === undefined || b === undefined) throw new Error('there are not two nodes');
  await using single = await startServe('one node', { command });
  await using crossing = await openUnicast({ at: a.port, to: b.port, users: bench.clients });
  await using alone = await openUnicast({ at: single.port, to: single.port, users: bench.clients });
  const two: Side = {
    load: crossing,
    cpuMs: () => Promise.all([a.cpuMs(), b.cpuMs(), treeCpuMs(redis.pid())]),
  };
  const one: Side = { load: alone, cpuMs: async () => [await single.cpuMs()] };
  const durationMs = 3000 * bench.scale;
  const runs = (perSecond?: number) => interleaved(bench, [two, one], (each) => runOf(each, durationMs, perSecond));
  const [twoFull = [], oneFull = []] = await runs();
  const [twoSteady = [], oneSteady = []] = await runs(steadyPerSecond);
  const profile = await profileOf(bench, 'P12', a, () => crossing.run(durationMs));
  await profileOf(bench, 'P12-B', b, () => crossing.run(durationMs));
  const part = (name: string, at: number) =>
    side(
      name,
      'µs',
      twoFull.map(({ parts }) => parts[at] ?? Number.NaN),
    );
  return {
    profile,
    figures: {
      cpu: ratioOf(sideOf('two nodes', 'µs', twoFull, 'cpuMicros'), sideOf('one node', 'µs', oneFull, 'cpuMicros')),
      p50: differenceOf(sideOf('two nodes', 'ms', twoSteady, 'p50Ms'), sideOf('one node', 'ms', oneSteady, 'p50Ms')),
      [`CPU per push at ${steadyPerSecond} pushes/s`]: ratioOf(
        sideOf('two nodes', 'µs', twoSteady, 'cpuMicros'),
        sideOf('one node', 'µs', oneSteady, 'cpuMicros'),
      ),
      'of two nodes, CPU per push': {
        ...absolute(sideOf('two nodes', 'µs', twoFull, 'cpuMicros')),
        sides: [part('the node that is posted to', 0), part('the node of the users', 1), part('Redis', 2)],
      },
      'as they came, load and servers on the same cores': ratioOf(
        sideOf('two nodes', '/s', twoFull, 'pushesPerSecond'),
        sideOf('one node', '/s', oneFull, 'pushesPerSecond'),
      ),
    },
    notes: [
      'Every push crosses from one node to the other: where users are spread over two nodes evenly, half of them do.',
    ],
  };
}

async function runOf({ load, cpuMs }: Side, durationMs: number, perSecond?: number): Promise<Run> {
  const before = await cpuMs();
  const figures = await load.run(durationMs, perSecond);
  const after = await cpuMs();
  const parts = after.map((ms, at) => ((ms - (before[at] ?? 0)) * 1000) / figures.pushes);
  return { ...figures, parts, cpuMicros: parts.reduce((sum, each) => sum + each, 0) };
}

function sideOf(name: string, unit: string, runs: readonly Run[], what: 'cpuMicros' | 'p50Ms' | 'pushesPerSecond') {
  return side(
    name,
    unit,
    runs.map((run) => run[what]),
  );
}
