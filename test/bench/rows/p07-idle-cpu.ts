import { crowdSize, idleCrowds } from '../harness/idle-crowds.ts';
import { absolute, side } from '../harness/measured.ts';
import type { Row } from '../harness/row.ts';

export const row: Row = {
  id: 'P7',
  scenario: 'CPU of 10 000 idle connections, a ping every 25 s',
  targets: [{ figure: 'cpu', what: 'share of a core', limit: '≤ 3 %' }],
  async run(bench) {
    const { cpu } = await idleCrowds(bench);
    return {
      figures: {
        cpu: absolute({ name: 'yunque', unit: '%', value: cpu.yunque }),
        'socket.io, for comparison': absolute(side('socket.io', '%', [cpu.peer])),
      },
      notes: [`Of ${crowdSize(bench)} connections, measured once.`],
    };
  },
};
