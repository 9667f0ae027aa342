import { kinds, startContestant } from '../harness/contestant.ts';
import { absolute, ratioOf, side } from '../harness/measured.ts';
import type { Row } from '../harness/row.ts';
import { soundPairs } from '../harness/sound-pairs.ts';
import { isStarved, starvedNotes, starvedWhy } from '../harness/starved.ts';
import { runSteadily } from '../harness/steady.ts';

const deliveriesPerSecond = 40_000;

export const row: Row = {
  id: 'P5',
  scenario: 'latency at 40 000 deliveries/s, from the intended send time, against naive ws',
  targets: [
    { figure: 'ratio', what: 'p99', limit: '≤ 1.3×' },
    { figure: 'p99', what: 'p99', limit: '≤ 50 ms' },
  ],
  async run(bench) {
    await using yunque = await startContestant(bench, kinds.yunque);
    await using naive = await startContestant(bench, kinds.naiveWs);
    const steady = { deliveriesPerSecond, forMs: 4000 * bench.scale };
    const { results, unsound } = await soundPairs(bench, [yunque, naive], {
      run: (one) => runSteadily(one, steady),
      isSound: (run) => !isStarved(run),
      why: starvedWhy,
    });
    const [ours, theirs] = results.map((runs) => runs.map(({ p99Ms }) => p99Ms));
    const p99 = side('yunque', 'ms', ours ?? []);
    return {
      figures: { ratio: ratioOf(p99, side('naive ws', 'ms', theirs ?? [])), p99: absolute(p99) },
      notes: starvedNotes(unsound),
    };
  },
};
