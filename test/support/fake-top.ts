import './tsx-hook.ts';
import type { WriteStream } from 'node:tty';
import { parseArgs } from 'node:util';
import type { SnapshotQuery } from '../../src/api/snapshot.ts';
import type { NodeStats } from '../../src/api/stats.ts';
import { views } from '../../src/tui/state/view-state.ts';
import { fakeActions } from './fake-actions.ts';
import { createFakeStats } from './fake-stats.ts';

// The dashboard from source on made-up figures: `node test/support/fake-top.ts --view clients`. `--outage` takes the
// server away after 5 seconds for 7. At SIGUSR2, `--crash` throws outside of it, and `--break` makes its drawing throw.
const { values } = parseArgs({
  options: {
    view: { type: 'string' },
    nodes: { type: 'string' },
    outage: { type: 'boolean' },
    crash: { type: 'boolean' },
    break: { type: 'boolean' },
  },
});
const [{ runTop }, { hasColor, hasUnicode }] = await Promise.all([
  import('../../src/tui/run.ts'),
  import('../../src/tui/draw/theme.ts'),
]);
const source = createFakeStats({ nodes: Number(values.nodes ?? 3) });

function failWith(failure: Error | undefined): void {
  source.failure = failure;
}

if (values.outage) {
  setTimeout(failWith, 5000, new Error('connect ECONNREFUSED 127.0.0.1:7001'));
  setTimeout(failWith, 12_000, undefined);
}
let isBroken = false;
process.on('SIGUSR2', () => {
  if (values.crash) throw new Error('made to fail');
  isBroken = values.break === true;
});
const breakable = {
  ...source,
  // Half an answer: what no server of ours gives.
  snapshot: async (query?: SnapshotQuery) => {
    const answer = await source.snapshot(query);
    if (!isBroken) return answer;
    const nodes = answer.stats.nodes.map(({ memory: _, ...rest }) => rest as NodeStats);
    return { ...answer, stats: { ...answer.stats, nodes } };
  },
};
const running = runTop({
  source: breakable,
  stdout: process.stdout as WriteStream,
  stdin: process.stdin,
  intervalMs: values.break ? 100 : 1000,
  view: views.find((view) => view === values.view) ?? 'nodes',
  actions: fakeActions(),
  filter: '',
  color: hasColor(process.env),
  unicode: hasUnicode(process.env),
});
running.then(
  (ending) => process.stdout.write(`ended: ${ending}\n`),
  (error: Error) => {
    process.stdout.write(`rejected: ${error.stack}\n`);
    process.exitCode = 1;
  },
);
