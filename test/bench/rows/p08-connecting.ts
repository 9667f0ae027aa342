import { crowdSize } from '../harness/idle-crowds.ts';
import { type Measured, ratioOf, side } from '../harness/measured.ts';
import { type ProfileNode, profileOf } from '../harness/profile.ts';
import { released } from '../harness/released.ts';
import type { Row } from '../harness/row.ts';
import { connecting, type PairOfRuns } from '../peers/crowd-measures.ts';

export const row: Row = {
  id: 'P8',
  scenario: 'connect and check a token, 10 000 connections, against bare ws',
  targets: [{ figure: 'rate', what: 'connections per second', limit: '≥ 0.8×' }],
  async run(bench) {
    let profile: ProfileNode | undefined;
    const { perSecond, micros } = await released(bench, () =>
      connecting(crowdSize(bench), bench.pairs, async (server, work) => {
        profile = await profileOf(bench, 'P8', server, work);
      }),
    );
    return {
      ...(profile && { profile }),
      figures: {
        rate: between('/s', perSecond),
        'CPU per connection': between('µs', micros),
      },
      notes: ['The peer checks no token.'],
    };
  },
};

function between(unit: string, { runs }: PairOfRuns): Measured {
  return ratioOf(side('yunque', unit, runs.yunque), side('bare ws', unit, runs.peer));
}
