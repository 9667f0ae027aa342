import { ratioOfPosts } from '../harness/posts.ts';
import { released } from '../harness/released.ts';
import { type Row, scaled } from '../harness/row.ts';
import { measureUnicast } from '../http.ts';

const posts = 20_000;

export const row: Row = {
  id: 'P9',
  scenario: '`POST /send` to one user each, delivered, against a bare node:http server that answers the same body',
  targets: [{ figure: 'posts', what: 'POSTs per second of the server’s processor', limit: '≥ 0.5×' }],
  async run(bench) {
    return ratioOfPosts('posts', 1, await released(bench, () => measureUnicast(scaled(bench, posts))));
  },
};
