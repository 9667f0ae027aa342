import { kinds, runBursts, startContestant } from '../harness/contestant.ts';
import { ratioOf, side } from '../harness/measured.ts';
import { interleaved } from '../harness/pairs.ts';
import { type Row, scaled } from '../harness/row.ts';
import { cpuOf } from '../harness/single-messages.ts';

export const row: Row = {
  id: 'P3',
  scenario: 'group send, bursts of 10 messages, against naive ws',
  targets: [{ figure: 'cpu', what: 'CPU per delivery', limit: '≤ 0.2×' }],
  async run(bench) {
    await using yunque = await startContestant(bench, kinds.yunque);
    await using naive = await startContestant(bench, kinds.naiveWs);
    const load = { bursts: scaled(bench, 20), size: 10, window: 1 };
    const [ours = [], theirs = []] = await interleaved(bench, [yunque, naive], (one) => runBursts(one, load));
    return { figures: { cpu: ratioOf(side('yunque', 'µs', cpuOf(ours)), side('naive ws', 'µs', cpuOf(theirs))) } };
  },
};
