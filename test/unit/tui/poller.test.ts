import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListQuery } from '../../../src/api/listing.ts';
import type { SnapshotAnswer, SnapshotList, SnapshotQuery } from '../../../src/api/snapshot.ts';
import type { ClusterStats } from '../../../src/api/stats.ts';
import { Poller } from '../../../src/tui/feed/poller.ts';
import { createFakeStats } from '../../support/fake-stats.ts';
import { clusterStats, nodeStats } from '../../support/node-stats.ts';

/** A source answering what the test puts in, on a clock the test turns. */
function scripted(answers: (ClusterStats | Error | Promise<ClusterStats>)[]) {
  const clock = { ms: 0 };
  const queries: ListQuery[] = [];
  const source = {
    ...createFakeStats(),
    asked: 0,
    list: async (_query: ListQuery): Promise<SnapshotList> => ({ kind: 'groups', page: { items: [], total: 0 } }),
    async snapshot({ list, query = {} }: SnapshotQuery = {}): Promise<SnapshotAnswer> {
      source.asked++;
      if (list !== undefined) queries.push(query);
      const stats = answers.shift();
      if (stats === undefined) throw new Error('the script is over');
      if (stats instanceof Error) throw stats;
      const answer = { schema: 'yunque.snapshot/1', stats: await stats } as const;
      return list === undefined ? answer : { ...answer, list: await source.list(query) };
    },
  };
  return { source, clock, queries, now: () => clock.ms };
}

const watched = (limit: number) => ({ list: 'groups', query: { limit } }) as const;

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

function pollerOf(
  { source, now }: ReturnType<typeof scripted>,
  more: { historyLimit?: number; patienceMs?: number } = {},
) {
  return new Poller({ source, now, intervalMs: 1000, ...more });
}

test('rates come from the time that really passed, not from the interval', async () => {
  const script = scripted([
    clusterStats(10_000, [nodeStats({ messagesInTotal: 0 })]),
    clusterStats(12_500, [nodeStats({ messagesInTotal: 500 })]),
  ]);
  const poller = pollerOf(script);
  await poller.sample();
  assert.equal(poller.snapshot.rates, undefined);
  script.clock.ms = 2500;
  const { rates, link, history } = await poller.sample();
  assert.equal(rates?.in, 200);
  assert.deepEqual(link, { state: 'live' });
  assert.deepEqual(history.in, [200]);
});

test('a node that restarts has no rate for one sample, and the others keep theirs', async () => {
  const script = scripted([
    clusterStats(0, [nodeStats({ node: 'a', messagesInTotal: 1000 }), nodeStats({ node: 'b', messagesInTotal: 1000 })]),
    clusterStats(1000, [
      nodeStats({ node: 'a', startedAt: 5000, messagesInTotal: 5000 }),
      nodeStats({ node: 'b', messagesInTotal: 1010 }),
    ]),
    clusterStats(2000, [
      nodeStats({ node: 'a', startedAt: 5000, messagesInTotal: 5003 }),
      nodeStats({ node: 'b', messagesInTotal: 1020 }),
    ]),
  ]);
  const poller = pollerOf(script);
  await poller.sample();
  script.clock.ms = 1000;
  const restarted = await poller.sample();
  assert.deepEqual(
    restarted.nodes.map((node) => node.rates?.in),
    [undefined, 10],
  );
  assert.equal(restarted.rates?.in, 10);
  script.clock.ms = 2000;
  const { nodes } = await poller.sample();
  assert.deepEqual(
    nodes.map((node) => node.history.in),
    [
      [undefined, undefined, 3],
      [undefined, 10, 10],
    ],
  );
});

test('a server that does not answer leaves a gap, the old figures and their age; the next answer goes on', async () => {
  const script = scripted([
    clusterStats(0, [nodeStats({ messagesInTotal: 0 })]),
    clusterStats(1000, [nodeStats({ messagesInTotal: 10 })]),
    new Error('connect ECONNREFUSED'),
    new Error('connect ECONNREFUSED'),
    clusterStats(4000, [nodeStats({ messagesInTotal: 40 })]),
  ]);
  const poller = pollerOf(script);
  for (const ms of [0, 1000, 2000, 3000]) {
    script.clock.ms = ms;
    await poller.sample();
  }
  const lost = poller.snapshot;
  assert.equal(lost.link.state === 'failing' && lost.link.attempts, 2);
  assert.equal(lost.link.state === 'failing' && lost.link.error.message, 'connect ECONNREFUSED');
  assert.equal(lost.ageMs, 2000);
  assert.equal(lost.stats?.nodes[0]?.messagesInTotal, 10);
  assert.equal(lost.rates, undefined);
  script.clock.ms = 4000;
  const { link, rates, history } = await poller.sample();
  assert.equal(link.state, 'live');
  assert.equal(rates?.in, 10);
  assert.deepEqual(history.in, [10, undefined, undefined, 10]);
});

test('the history is bounded', async () => {
  const script = scripted(
    Array.from({ length: 8 }, (_, i) => clusterStats(i * 1000, [nodeStats({ messagesInTotal: i * i })])),
  );
  const poller = pollerOf(script, { historyLimit: 3 });
  for (let i = 0; i < 8; i++) {
    script.clock.ms = i * 1000;
    await poller.sample();
  }
  assert.deepEqual(poller.snapshot.history.in, [9, 11, 13]);
});

test('a question that stays open counts as unanswered and is not asked twice', async () => {
  const open = Promise.withResolvers<ClusterStats>();
  const script = scripted([open.promise, clusterStats(1000, [nodeStats()])]);
  const poller = pollerOf(script, { patienceMs: 1 });
  await poller.sample();
  await poller.sample();
  assert.equal(script.source.asked, 1);
  assert.equal(poller.snapshot.link.state, 'failing');
  open.resolve(clusterStats(0, [nodeStats()]));
  const { link, samples } = await poller.sample();
  assert.equal(link.state, 'live');
  assert.equal(samples, 3);
});

test('snapshots are never changed after they were given out', async () => {
  const script = scripted([clusterStats(0, [nodeStats()]), clusterStats(1000, [nodeStats({ messagesInTotal: 5 })])]);
  const poller = pollerOf(script);
  const first = await poller.sample();
  const copy = structuredClone(first);
  script.clock.ms = 1000;
  await poller.sample();
  assert.deepEqual(first, copy);
});

test('only the newest query of a list is answered, with one question open at a time', async () => {
  const script = scripted([clusterStats(0, [nodeStats()]), clusterStats(0, [nodeStats()])]);
  const gates: (() => void)[] = [];
  let open = 0;
  let mostOpen = 0;
  script.source.list = async (query) => {
    mostOpen = Math.max(mostOpen, ++open);
    await new Promise<void>((resolve) => gates.push(resolve));
    open--;
    return { kind: 'groups', page: { items: [], total: query.limit ?? 0 } };
  };
  const poller = pollerOf(script);
  const seen: (number | undefined)[] = [];
  poller.subscribe(() => seen.push(poller.snapshot.list?.page?.total));
  for (const limit of [1, 2, 3]) poller.watchList(watched(limit));
  await settle();
  gates.shift()?.();
  await settle();
  gates.shift()?.();
  await settle();
  assert.deepEqual(seen, [3]);
  assert.deepEqual(script.queries, [{ limit: 1 }, { limit: 3 }]);
  assert.equal(mostOpen, 1);
});

test('a sample and its list are one question, and a query that changes meanwhile is asked at once after it', async () => {
  const answers = [Promise.withResolvers<ClusterStats>(), Promise.withResolvers<ClusterStats>()] as const;
  const script = scripted(answers.map(({ promise }) => promise));
  const poller = pollerOf(script);
  poller.watchList(watched(1));
  const sampled = poller.sample();
  assert.equal(script.source.asked, 1);
  poller.watchList(watched(2));
  answers[0].resolve(clusterStats(0, [nodeStats()]));
  await sampled;
  await settle();
  assert.equal(script.source.asked, 2);
  assert.equal(poller.snapshot.samples, 1);
  answers[1].resolve(clusterStats(0, [nodeStats()]));
  await settle();
  assert.equal(poller.snapshot.list?.query.limit, 2);
  assert.equal(poller.snapshot.samples, 1, 'a question between two samples is none');
});

test('a list that fails keeps the rows it had and says why, and the figures come all the same', async () => {
  const script = scripted(Array.from({ length: 3 }, () => clusterStats(0, [nodeStats()])));
  const poller = pollerOf(script);
  poller.watchList(watched(5));
  await poller.sample();
  await settle();
  assert.equal(poller.snapshot.list?.page?.total, 0);
  script.source.list = async () => ({
    kind: 'groups',
    error: { code: 'bad_request', message: 'there is no field "x"', hint: 'fields: group, system' },
  });
  await poller.sample();
  await settle();
  const error = 'there is no field "x"; fields: group, system';
  const { list, link } = poller.snapshot;
  assert.deepEqual(list, {
    kind: 'groups',
    query: { limit: 5 },
    page: { items: [], total: 0 },
    error,
    code: 'bad_request',
  });
  assert.equal(link.state, 'live');
});

test('while it is held, a list is asked for only when its query changes', async () => {
  const script = scripted(Array.from({ length: 3 }, () => clusterStats(0, [nodeStats()])));
  const poller = pollerOf(script);
  poller.hold(true);
  poller.watchList(watched(5));
  await settle();
  await poller.sample();
  await poller.sample();
  assert.equal(script.source.asked, 3);
  assert.equal(script.queries.length, 1);
});

test('it samples at its interval until it is closed, and a new interval counts at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const script = scripted(Array.from({ length: 9 }, () => clusterStats(0, [nodeStats()])));
  const poller = pollerOf(script);
  poller.start();
  await settle();
  assert.equal(script.source.asked, 1);
  t.mock.timers.tick(1000);
  await settle();
  assert.equal(script.source.asked, 2);
  poller.setIntervalMs(250);
  t.mock.timers.tick(250);
  await settle();
  assert.equal(script.source.asked, 3);
  poller.close();
  t.mock.timers.tick(5000);
  await settle();
  assert.equal(script.source.asked, 3);
});

test('an answer that is later than a sample waits, and comes between two, is taken all the same', async () => {
  const open = Promise.withResolvers<ClusterStats>();
  const script = scripted([open.promise]);
  const poller = pollerOf(script, { patienceMs: 1 });
  await poller.sample();
  assert.equal(poller.snapshot.link.state, 'failing');
  open.resolve(clusterStats(0, [nodeStats()]));
  await settle();
  assert.equal(poller.snapshot.link.state, 'live');
  assert.equal(poller.snapshot.stats?.nodes.length, 1);
  assert.equal(script.source.asked, 1);
});

test('once closed it asks nothing more, also where another list is wanted by then', async () => {
  const open = Promise.withResolvers<ClusterStats>();
  const script = scripted([open.promise, clusterStats(0, [nodeStats()])]);
  const poller = pollerOf(script);
  poller.watchList(watched(1));
  poller.watchList(watched(2));
  poller.close();
  open.resolve(clusterStats(0, [nodeStats()]));
  await settle();
  assert.equal(script.source.asked, 1);
});

test('a node that was away has a gap in its past, and a node that stays away is forgotten with it', async () => {
  const at = (seconds: number, names: readonly string[]) =>
    clusterStats(
      seconds * 1000,
      names.map((node) => nodeStats({ node, messagesInTotal: seconds * 10 })),
    );
  const both = ['a', 'b'];
  const script = scripted([
    at(0, both),
    at(1, both),
    at(2, ['a']),
    at(3, both),
    ...[4, 5, 6, 7].map((s) => at(s, ['a'])),
  ]);
  const poller = pollerOf(script, { historyLimit: 4 });
  const next = async () => {
    const snapshot = await poller.sample();
    script.clock.ms += 1000;
    return snapshot;
  };
  await next();
  await next();
  assert.deepEqual(
    (await next()).absent.map(({ node }) => node),
    ['b'],
  );
  const back = await next();
  assert.deepEqual(back.nodes[1]?.history.in, [undefined, 10, undefined, undefined]);
  assert.deepEqual(back.absent, []);
  for (let i = 0; i < 3; i++) await next();
  assert.deepEqual(poller.snapshot.absent, []);
});
