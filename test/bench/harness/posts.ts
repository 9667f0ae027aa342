import type { Comparison, PostFigures } from '../http.ts';
import type { Measured, Side } from './measured.ts';
import type { RowResult } from './row.ts';

/** What a comparison of POSTs says by processor time and by the clock, `pushesPerPost` messages in each. */
export function ratioOfPosts(
  figure: string,
  pushesPerPost: number,
  { ours, peer, ratio, spread }: Comparison,
): RowResult {
  const perCore = (figures: PostFigures) => side(figures, (1e6 / figures.cpuMicrosPerPost) * pushesPerPost);
  const asTheyCame: Measured = {
    value: ours.postsPerSecond * pushesPerPost,
    unit: '/s',
    sides: [side(ours, ours.postsPerSecond * pushesPerPost), side(peer, peer.postsPerSecond * pushesPerPost)],
  };
  return {
    figures: {
      [figure]: { value: ratio, unit: '×', spread, sides: [perCore(ours), perCore(peer)] },
      'as they came': asTheyCame,
    },
    notes: [
      `The load took ${Math.round(ours.loadShare * 100)} % of a core with yunque, ${Math.round(peer.loadShare * 100)} % with its peer.`,
    ],
  };
}

function side({ server }: PostFigures, value: number): Side {
  return { name: server, unit: '/s', value };
}
