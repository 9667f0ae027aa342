import { ratioOf, side } from '../harness/measured.ts';
import type { Row } from '../harness/row.ts';
import { cpuOf, singleMessages } from '../harness/single-messages.ts';

export const row: Row = {
  id: 'P2',
  scenario: 'the same, against naive ws',
  targets: [{ figure: 'cpu', what: 'CPU per delivery, with queues, ids and metrics', limit: '≤ 1.0×' }],
  async run(bench) {
    const { profile, yunque, naiveWs } = await singleMessages(bench);
    const cpu = ratioOf(side('yunque', 'µs', cpuOf(yunque)), side('naive ws', 'µs', cpuOf(naiveWs)));
    return { profile, figures: { cpu } };
  },
};
