import { ratioOfPosts } from '../harness/posts.ts';
import { released } from '../harness/released.ts';
import { type Row, scaled } from '../harness/row.ts';
import { measureList } from '../http.ts';

const posts = 500;
const listLength = 100;

export const row: Row = {
  id: 'P10',
  scenario: '`POST /send/sendList`, lists of 100 to distinct users, against naive ws',
  targets: [
    { figure: 'ratio', what: 'pushes per second of the server’s processor', limit: '≥ 0.5×' },
    { figure: 'rate', what: 'pushes per second of the server’s processor', limit: '≥ 60 000 /s' },
  ],
  async run(bench) {
    const comparison = await released(bench, () => measureList(scaled(bench, posts)));
    const result = ratioOfPosts('ratio', listLength, comparison);
    const perCore = (1e6 / comparison.ours.cpuMicrosPerPost) * listLength;
    const rate = { value: perCore, unit: '/s', sides: [{ name: 'yunque', unit: '/s', value: perCore }] };
    return { ...result, figures: { ...result.figures, rate } };
  },
};
