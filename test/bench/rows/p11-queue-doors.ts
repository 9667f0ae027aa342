import { type DoorKind, doorKinds } from '../../support/door-publishers.ts';
import { type DoorFigures, type DoorLoad, openDoorLoad, type Shape } from '../harness/door-load.ts';
import { absolute, type Measured, ratioOf, side } from '../harness/measured.ts';
import { ownScope } from '../harness/own-scope.ts';
import { interleaved } from '../harness/pairs.ts';
import { profileOf } from '../harness/profile.ts';
import { released } from '../harness/released.ts';
import { type Bench, type Row, type RowResult, scaled } from '../harness/row.ts';
import { listLength, measurePosts, naiveList, startPosts } from '../http.ts';

/** Of one round. */
const pushes = { lists: 100_000, records: 20_000 } as const;

export const row: Row = {
  id: 'P11',
  scenario: 'queue doors: lists of 100 messages to distinct users in a `MessagesPubProto`, against naive ws',
  targets: doorKinds.map((kind) => ({
    figure: `rate ${kind}`,
    what: `${kind}: pushes per second of the server’s processor`,
    limit: '≥ 60 000 /s',
  })),
  run: (bench) => released(bench, () => measure(bench)),
};

interface Contestant {
  readonly kind: DoorKind | 'naive ws';
  readonly shape: Shape;
  run(): Promise<DoorFigures>;
}

async function measure(bench: Bench): Promise<RowResult> {
  await using scope = ownScope();
  const load = await openDoorLoad(scope);
  const naive = await startPosts(naiveList(scaled(bench, pushes.lists / listLength)));
  scope.after(async () => {
    naive.load.kill('SIGKILL');
    naive.server.kill('SIGKILL');
  });
  const doors = (shape: Shape) => doorKinds.map((kind) => contestantOf(bench, load, kind, shape));
  const peer: Contestant = {
    kind: 'naive ws',
    shape: 'lists',
    async run() {
      const { cpuMicrosPerPost, postsPerSecond } = await measurePosts(naive, naive.scenario.round);
      return { cpuMicrosPerPush: cpuMicrosPerPost / listLength, pushesPerSecond: postsPerSecond * listLength };
    },
  };
  const contestants = [peer, ...doors('lists'), ...doors('records')];
  const results = await interleaved(bench, contestants, (each) => each.run());
  const figures: Record<string, Measured> = {};
  const perCore = (at: number) => (results[at] ?? []).map(({ cpuMicrosPerPush }) => 1e6 / cpuMicrosPerPush);
  for (const [at, { kind, shape }] of contestants.entries()) {
    if (kind === 'naive ws') continue;
    const ours = side(kind, '/s', perCore(at));
    const asTheyCame = (results[at] ?? []).map(({ pushesPerSecond }) => pushesPerSecond);
    if (shape === 'lists') {
      figures[`rate ${kind}`] = absolute(ours);
      figures[`${kind}, against naive ws`] = ratioOf(ours, side('naive ws', '/s', perCore(0)));
      figures[`${kind}, as they came`] = absolute(side(kind, '/s', asTheyCame));
    } else figures[`${kind}, a record for each push`] = absolute(ours);
  }
  const profile = await profileOf(bench, 'P11', load.server, () => load.run('stream', 'lists', pushes.lists));
  return {
    figures,
    profile,
    notes: [
      'The clients, the servers of the queues and who publishes share the cores with the server; its own processor time is what is judged.',
    ],
  };
}

function contestantOf(bench: Bench, load: DoorLoad, kind: DoorKind, shape: Shape): Contestant {
  return { kind, shape, run: () => load.run(kind, shape, scaled(bench, pushes[shape])) };
}
