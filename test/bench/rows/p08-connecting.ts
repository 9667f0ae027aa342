import { crowdSize } from '../harness/idle-crowds.ts';
import { ratioOf } from '../harness/measured.ts';
import { released } from '../harness/released.ts';
import type { Row } from '../harness/row.ts';
import { connecting } from '../peers/crowd-measures.ts';

export const row: Row = {
  id: 'P8',
  scenario: 'connect and check a token, 10 000 connections, against bare ws',
  targets: [{ figure: 'rate', what: 'connections per second', limit: '≥ 0.8×' }],
  async run(bench) {
    const { perSecond, micros } = await released(bench, () => connecting(crowdSize(bench), bench.pairs));
    const rate = (name: string, value: number) => ({ name, unit: '/s', value });
    const cpu = (name: string, value: number) => ({ name, unit: 'µs', value });
    return {
      figures: {
        rate: ratioOf(rate('yunque', perSecond.yunque), rate('bare ws', perSecond.peer)),
        'CPU per connection': ratioOf(cpu('yunque', micros.yunque), cpu('bare ws', micros.peer)),
      },
      notes: ['The peer checks no token.'],
    };
  },
};
