import { ratioOf, side } from '../harness/measured.ts';
import type { Row } from '../harness/row.ts';
import { cpuOf, singleMessages } from '../harness/single-messages.ts';

export const row: Row = {
  id: 'P1',
  scenario: 'group send, one message a turn, against socket.io',
  targets: [{ figure: 'cpu', what: 'CPU per delivery', limit: '≤ 0.55×' }],
  async run(bench) {
    const { profile, yunque, socketIo } = await singleMessages(bench);
    const cpu = ratioOf(side('yunque', 'µs', cpuOf(yunque)), side('socket.io', 'µs', cpuOf(socketIo)));
    return { profile, figures: { cpu } };
  },
};
