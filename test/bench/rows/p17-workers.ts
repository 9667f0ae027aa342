import { createMagic } from '../../../src/load/marker.ts';
import { Clients } from '../harness/clients.ts';
import { kinds, measured, type RunFigures } from '../harness/contestant.ts';
import { joinOverHttp } from '../harness/join-over-http.ts';
import { ratioOf, side } from '../harness/measured.ts';
import { interleaved } from '../harness/pairs.ts';
import { openPostFlood } from '../harness/post-flood.ts';
import { profileOf } from '../harness/profile.ts';
import { released } from '../harness/released.ts';
import type { Bench, Row } from '../harness/row.ts';
import { startServe } from '../harness/serve-process.ts';
import { perCore } from './p04-bursts-of-100.ts';

const workers = 2;
const inFlight = 32;
const group = 'hall';
const steadyPerSecond = 40;
/** Two for the workers, and as many for the load. */
const coresEnough = 4;

export const row: Row = {
  id: 'P17',
  scenario: '`serve --workers 2` against one process, POSTs to a group',
  targets: [{ figure: 'deliveries', what: 'deliveries per second with 2 cores', limit: '≥ 1.6×' }],
  run: (bench) => released(bench, () => measure(bench)),
};

async function measure(bench: Bench) {
  await using many = await open('2 workers', ['--workers', `${workers}`], bench);
  await using one = await open('one process', [], bench);
  const durationMs = 2000 * bench.scale;
  const runs = async (perSecond?: number) =>
    interleaved(bench, [many, one], (each) => measured(each, () => each.flood.run(durationMs, perSecond)));
  const [manySteady = [], oneSteady = []] = await runs(steadyPerSecond);
  const [manyFull = [], oneFull = []] = await runs();
  // At the load by which the figure is made.
  const profiledPerSecond = bench.cores >= coresEnough ? undefined : steadyPerSecond;
  const profile = await profileOf(bench, 'P17', many.server, () =>
    measured(many, () => many.flood.run(durationMs, profiledPerSecond)),
  );
  const asTheyCame = ratioOf(side('2 workers', '/s', rates(manyFull)), side('one process', '/s', rates(oneFull)));
  if (bench.cores >= coresEnough) return { profile, figures: { deliveries: asTheyCame } };
  const twoCores = perCore(manySteady).map((rate) => rate * workers);
  return {
    profile,
    figures: {
      deliveries: ratioOf(side('2 workers', '/s', twoCores), side('one process', '/s', perCore(oneSteady))),
      'as they came, load and servers on the same cores': asTheyCame,
    },
    notes: [
      `With ${bench.cores} cores the load would be the limit: the figure is what two cores would deliver, and one, by the processor time of all ` +
        `processes at ${steadyPerSecond} messages/s to everyone. With ${coresEnough} cores or more it is measured by the clock.`,
    ],
  };
}

function rates(runs: readonly RunFigures[]): number[] {
  return runs.map(({ deliveriesPerSecond }) => deliveriesPerSecond);
}

/** A node or several with the bench's clients, all in one group, and a POST under way on each of many connections. */
async function open(name: string, flags: readonly string[], bench: Bench) {
  await using made = new AsyncDisposableStack();
  const server = made.use(await startServe(name, { flags }));
  const magic = createMagic(Math.random);
  const crowd = {
    ...kinds.yunque,
    ports: [server.port],
    magic,
    members: bench.clients,
    strangers: 10,
    lanes: inFlight,
  };
  const clients = made.use(new Clients(crowd));
  await clients.opened();
  await joinOverHttp(server.port, group, clients.ids);
  const flood = made.use(openPostFlood(server.port, clients, group, inFlight));
  const owned = made.move();
  return { server, clients, flood, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
