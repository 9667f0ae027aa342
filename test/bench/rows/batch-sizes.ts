import {
  type Contestant,
  kinds,
  type RunFigures,
  runBursts,
  startContestant,
  startOneWriteLike,
} from '../harness/contestant.ts';
import { findCompiler } from '../harness/one-write.ts';
import { interleaved } from '../harness/pairs.ts';
import type { BatchPoint, Bench, Row } from '../harness/row.ts';
import { median } from '../harness/statistics.ts';

const sizes = [1, 3, 10, 30, 100, 300, 1000];
/** A loop of single sends takes as long for each message of any burst: beyond this it only takes longer. */
const largestOfNaiveWs = 100;
/** Deliveries of one run, thereabouts. */
const deliveriesWanted = 400_000;
const fewestBursts = 2;
const mostBursts = 40;
/** A median of three is enough for a line in a chart. */
const mostPairs = 3;

export const row: Row = {
  id: 'chart',
  scenario: 'deliveries/s and latency by batch size',
  targets: [],
  async run(bench) {
    await using yunque = await startContestant(bench, kinds.yunque);
    await using naive = await startContestant(bench, kinds.naiveWs);
    const hasCompiler = findCompiler() !== undefined;
    await using oneWrite = hasCompiler ? await startOneWriteLike(bench, yunque) : undefined;
    const few: Bench = { ...bench, pairs: bench.scale < 1 ? 1 : Math.min(bench.pairs, mostPairs) };
    const points: BatchPoint[] = [];
    for (const size of sizes) {
      bench.progress(`bursts of ${size}`);
      const all = [yunque, ...(size <= largestOfNaiveWs ? [naive] : []), ...(oneWrite ? [oneWrite] : [])];
      const wanted = (deliveriesWanted * bench.scale) / (size * bench.clients);
      const bursts = Math.min(mostBursts, Math.max(fewestBursts, Math.round(wanted)));
      const load = { bursts, size, window: 1 };
      const results = await interleaved(few, all, (one: Contestant) => runBursts(one, load));
      for (const [at, one] of all.entries()) points.push(pointOf(one.server.name, size, results[at] ?? []));
    }
    const notes = hasCompiler ? [] : ['Without the line of the C program: this machine has no C compiler.'];
    return { figures: {}, points, notes };
  },
};

function pointOf(server: string, size: number, runs: readonly RunFigures[]): BatchPoint {
  return {
    server,
    size,
    deliveriesPerSecond: median(runs.map(({ cpuMicrosPerDelivery }) => 1e6 / cpuMicrosPerDelivery)),
    p50Ms: median(runs.map((run) => run.p50Ms)),
    p99Ms: median(runs.map((run) => run.p99Ms)),
  };
}
