import { startKafka } from '../../support/services/kafka.ts';
import { startRabbitmq } from '../../support/services/rabbitmq.ts';
import { startRedis } from '../../support/services/redis.ts';
import type { Scope } from '../../support/services/scope.ts';
import type { Service } from '../../support/services/service.ts';
import { type BusName, clusterSettings, clusterVariables } from '../harness/cluster-settings.ts';
import { kinds, type RunFigures, runBursts } from '../harness/contestant.ts';
import { absolute, type Measured, ratioOf, side } from '../harness/measured.ts';
import { ownScope } from '../harness/own-scope.ts';
import { interleaved } from '../harness/pairs.ts';
import { treeCpuMs } from '../harness/process-tree.ts';
import { profileOf } from '../harness/profile.ts';
import { type Bench, type Row, scaled } from '../harness/row.ts';
import { startServerPair } from '../harness/server-pair.ts';
import { cpuOf } from '../harness/single-messages.ts';

const peer = { ...kinds.socketIo, name: 'socket.io', file: 'burst-socket-io-redis.ts' };
const sizes = { single: 1, tens: 10 } as const;
/** Each by itself, beside the pairs. */
const otherBuses = ['redis', 'rpc', 'rabbitmq', 'kafka'] as const;
const mostPairsOfOthers = 3;
/** Brokers take longer to start than a shorter run takes. */
const leastScaleOfOthers = 0.1;

export const row: Row = {
  id: 'P13',
  scenario:
    'group send over two nodes with Redis between them, 1000 clients at each, against socket.io with its redis-adapter',
  targets: [
    { figure: 'single', what: 'CPU per delivery, nodes and Redis, one message a turn', limit: '≤ 0.5×' },
    { figure: 'tens', what: 'CPU per delivery, nodes and Redis, bursts of 10', limit: '≤ 0.5×' },
  ],
  run: measure,
};

async function measure(bench: Bench) {
  await using scope = ownScope();
  const [ourRedis, theirRedis] = [await startRedis(scope), await startRedis(scope)];
  for (const { pid } of [ourRedis, theirRedis]) bench.pinning.pinServer(pid());
  const figures: Record<string, Measured> = {};
  const singles = loadOf(bench, sizes.single);
  const { profile, notes } = await (async () => {
    await using ours = await startYunque(bench, 'redis', ourRedis);
    await using theirs = await startServerPair(bench, peer, {
      args: [theirRedis.url],
      sharedCpuMs: () => treeCpuMs(theirRedis.pid()),
    });
    for (const [name, size] of Object.entries(sizes)) {
      const load = loadOf(bench, size);
      const [own = [], others = []] = await interleaved(bench, [ours, theirs], (one) => runBursts(one, load));
      figures[name] = ratioOf(side('yunque', 'µs', cpuOf(own)), side('socket.io', 'µs', cpuOf(others)));
      if (size !== 1) continue;
      figures['p99 of one message a turn'] = ratioOf(p99Of('yunque', own), p99Of('socket.io', others));
    }
    return {
      profile: await profileOf(bench, 'P13', ours.server, () => runBursts(ours, singles)),
      notes: [
        `Sent at one node; a frame is ${Math.round(ours.payloadBytes)} bytes with yunque, ${Math.round(theirs.payloadBytes)} with socket.io.`,
      ],
    };
  })();
  const further = bench.scale < leastScaleOfOthers ? [] : otherBuses;
  const few = { ...bench, pairs: Math.min(bench.pairs, mostPairsOfOthers) };
  for (const bus of further) {
    bench.progress(`over ${bus}`);
    const runs = await runOver(few, bus, ourRedis);
    if (typeof runs === 'string') notes.push(`Not measured over ${bus}: ${runs}`);
    else
      figures[`over ${bus} by itself, CPU per delivery, one message a turn`] = absolute(
        side('yunque', 'µs', cpuOf(runs)),
      );
  }
  if (further.length > 0)
    notes.push(
      'Over each engine by itself, not in turns with socket.io: these compare with each other only. The processor time of RabbitMQ and Kafka is in theirs.',
    );
  return { profile, figures, notes };
}

function loadOf(bench: Bench, size: number) {
  return { bursts: scaled(bench, size === 1 ? 50 : 15), size, window: 1 };
}

function p99Of(name: string, runs: readonly RunFigures[]) {
  return side(
    name,
    'ms',
    runs.map(({ p99Ms }) => p99Ms),
  );
}

/** Or why there are none: a broker that cannot be started here. */
async function runOver(bench: Bench, bus: BusName, redis: Service): Promise<readonly RunFigures[] | string> {
  await using scope = ownScope();
  let broker: Service | undefined;
  try {
    broker = await startBroker(scope, bus);
  } catch (error) {
    return (error as Error).message;
  }
  if (broker !== undefined) bench.pinning.pinServer(broker.pid());
  await using contestant = await startYunque(bench, bus, redis, broker);
  const [runs = []] = await interleaved(bench, [contestant], (one) => runBursts(one, loadOf(bench, sizes.single)));
  return runs;
}

async function startBroker(scope: Scope, bus: BusName): Promise<Service | undefined> {
  if (bus === 'rabbitmq') return startRabbitmq(scope);
  return bus === 'kafka' ? startKafka(scope) : undefined;
}

function startYunque(bench: Bench, bus: BusName, redis: Service, broker?: Service) {
  const variables = Object.entries(clusterVariables(bus, broker)).map(([name, value]) => `${name}=${value}`);
  return startServerPair(bench, kinds.yunque, {
    args: [...clusterSettings(redis, bus), ...variables],
    sharedCpuMs: async () => (await treeCpuMs(redis.pid())) + (broker ? await treeCpuMs(broker.pid()) : 0),
  });
}
