import { crowdSize, idleCrowds } from '../harness/idle-crowds.ts';
import { absolute, ratioOf } from '../harness/measured.ts';
import type { Row } from '../harness/row.ts';

export const row: Row = {
  id: 'P6',
  scenario: 'memory of an idle connection with a token, in 2 groups, 10 000 of them',
  targets: [
    { figure: 'memory', what: 'RSS per connection', limit: '≤ 10 KB' },
    { figure: 'ratio', what: 'RSS per connection, against socket.io', limit: '≤ 0.6×' },
  ],
  async run(bench) {
    const { memory } = await idleCrowds(bench);
    const ours = { name: 'yunque', unit: 'KB', value: memory.yunque };
    const ratio = ratioOf(ours, { name: 'socket.io', unit: 'KB', value: memory.peer });
    return {
      figures: { memory: absolute(ours), ratio },
      notes: [`Of ${crowdSize(bench)} connections, measured once.`],
    };
  },
};
