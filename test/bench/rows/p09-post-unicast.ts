import { ratioOfPosts } from '../harness/posts.ts';
import { type ProfileNode, profileOf } from '../harness/profile.ts';
import { released } from '../harness/released.ts';
import { type Row, scaled } from '../harness/row.ts';
import { measureUnicast } from '../http.ts';

const posts = 20_000;

export const row: Row = {
  id: 'P9',
  scenario: '`POST /send` to one user each, delivered, against a bare node:http server that answers the same body',
  targets: [{ figure: 'posts', what: 'POSTs per second of the server’s processor', limit: '≥ 0.5×' }],
  async run(bench) {
    let profile: ProfileNode | undefined;
    const comparison = await released(bench, () =>
      measureUnicast(scaled(bench, posts), async (server, work) => {
        profile = await profileOf(bench, 'P9', server, work);
      }),
    );
    return { ...ratioOfPosts('posts', 1, comparison), ...(profile && { profile }) };
  },
};
