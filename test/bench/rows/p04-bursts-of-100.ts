import { kinds, type RunFigures, runBursts, startContestant, startOneWriteLike } from '../harness/contestant.ts';
import { ratioOf, side } from '../harness/measured.ts';
import { interleaved } from '../harness/pairs.ts';
import { profileOf } from '../harness/profile.ts';
import { type Row, scaled } from '../harness/row.ts';

export const row: Row = {
  id: 'P4',
  scenario: 'group send, bursts of 100, saturated, against a C program that does one write() per socket',
  targets: [{ figure: 'perCore', what: 'deliveries per second of the server’s processor', limit: '≥ 0.8×' }],
  async run(bench) {
    await using yunque = await startContestant(bench, kinds.yunque);
    await using oneWrite = await startOneWriteLike(bench, yunque);
    const load = { bursts: scaled(bench, 60), size: 100, window: 4 };
    const all = await interleaved(bench, [yunque, oneWrite], (one) => runBursts(one, load));
    const [ours = [], theirs = []] = all;
    const profile = await profileOf(bench, 'P4', yunque.server, () => runBursts(yunque, load));
    return {
      profile,
      figures: {
        perCore: ratioOf(side('yunque', '/s', perCore(ours)), side('C', '/s', perCore(theirs))),
        'as they came': ratioOf(side('yunque', '/s', rates(ours)), side('C', '/s', rates(theirs))),
      },
      notes: [
        'By processor time: a C program that writes so much leaves its core idle while the receivers on the others read.',
      ],
    };
  },
};

/** What a server that never waits would deliver with a core to itself. */
export function perCore(runs: readonly RunFigures[]): number[] {
  return runs.map(({ cpuMicrosPerDelivery }) => 1e6 / cpuMicrosPerDelivery);
}

function rates(runs: readonly RunFigures[]): number[] {
  return runs.map(({ deliveriesPerSecond }) => deliveriesPerSecond);
}
