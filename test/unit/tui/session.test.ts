import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createColumns } from '../../../src/tui/columns/columns.ts';
import { keyOf, rowsOf } from '../../../src/tui/columns/rows.ts';
import { overlayDetails } from '../../../src/tui/details/details.ts';
import { plainGlyphs } from '../../../src/tui/draw/theme.ts';
import { Poller } from '../../../src/tui/feed/poller.ts';
import { Session } from '../../../src/tui/session.ts';
import { helpLines } from '../../../src/tui/state/help-lines.ts';
import { initialState, listOf, type View } from '../../../src/tui/state/view-state.ts';
import { fakeActions } from '../../support/fake-actions.ts';
import { createFakeStats } from '../../support/fake-stats.ts';

async function open(view: View, system?: string) {
  const time = { ms: 1_700_000_000_000 };
  const source = createFakeStats({ now: () => time.ms, clients: 100 });
  const poller = new Poller({ source, intervalMs: 1000, now: () => time.ms });
  const columns = createColumns(plainGlyphs);
  const actions = fakeActions();
  const session = new Session({
    feed: poller,
    columns,
    actions,
    snapshotText: () => 'all of it',
    system,
    initial: initialState({ view, filter: '', intervalMs: 1000, size: { columns: 80, rows: 24 } }),
  });
  const second = async () => {
    time.ms += 1000;
    await poller.sample();
  };
  await second();
  return {
    source,
    actions,
    poller,
    session,
    second,
    /** What the overlay of details says. */
    detail: () => {
      const { snapshot, state } = session.frame();
      return overlayDetails(snapshot, state, columns.rates).flat().join(' ');
    },
    /** The rows on the screen, top to bottom. */
    keys: () => {
      const { snapshot, state } = session.frame();
      return rowsOf(view, snapshot, state, columns.rates).map((row) => keyOf(view, row));
    },
  };
}

/** Lets answers that are already there arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

test('only the rows that fit on the screen are asked for', async () => {
  const { source, session } = await open('clients', 'shop');
  assert.deepEqual(source.queries.at(-1), { system: 'shop', limit: 15 });
  session.resize({ columns: 120, rows: 40 });
  await settle();
  assert.deepEqual(source.queries.at(-1), { system: 'shop', limit: 29 });
});

test('the nodes view asks for no clients', async () => {
  const { source, second } = await open('nodes');
  await second();
  assert.deepEqual(source.queries, []);
});

test('order and filter are left to the server', async () => {
  const { source, session } = await open('clients');
  session.press(undefined, '/');
  session.press(undefined, 'queueBytes>0 bob');
  session.press('enter', '');
  session.press(undefined, '>');
  session.press(undefined, 'r');
  await settle();
  assert.deepEqual(source.queries.at(-1), {
    where: [{ field: 'queueBytes', op: '>', value: '0' }],
    search: 'bob',
    sort: 'uid',
    descending: true,
    limit: 15,
  });
});

test('ages are sorted by when they began, so that a page does not drift while they grow', async () => {
  const { source, session } = await open('clients');
  for (let i = 0; i < 4; i++) session.press(undefined, '>');
  await settle();
  assert.equal(listOf(session.frame().state).sort.by, 'ageSeconds');
  const { sort, descending } = source.queries.at(-1) ?? {};
  assert.deepEqual({ sort, descending }, { sort: 'connectedAt', descending: undefined });
});

test('pages follow one another without a gap, forwards, backwards and from the end', async () => {
  const { session, keys } = await open('clients');
  const first = keys();
  session.press('pagedown', '');
  await settle();
  assert.equal(keys()[0], '1015');
  session.press('pageup', '');
  await settle();
  assert.deepEqual(keys(), first);
  session.press('end', '');
  await settle();
  assert.equal(keys().at(-1), '1099');
  session.press('pageup', '');
  await settle();
  assert.equal(keys().at(-1), '1084');
});

test('a page that has not come yet is not turned again', async () => {
  const { session, keys } = await open('clients');
  session.press('pagedown', '');
  session.press('pagedown', '');
  await settle();
  assert.equal(keys()[0], '1015');
  assert.equal(listOf(session.frame().state).page.trail.length, 2);
});

test('keys that arrive in one piece are each obeyed, and what follows / is the filter', async () => {
  const { session } = await open('nodes');
  session.press(undefined, '2jj/bob');
  assert.equal(session.frame().state.view, 'clients');
  assert.equal(listOf(session.frame().state).filter, 'bob');
});

test('a paused screen keeps its figures while sampling goes on behind it, and shows the present afterwards', async () => {
  const { session, poller, second } = await open('nodes');
  await second();
  session.press(undefined, 'p');
  const frozen = session.frame().snapshot.stats;
  await second();
  assert.equal(session.frame().snapshot.stats, frozen);
  session.press(undefined, 'p');
  assert.equal(session.frame().snapshot.stats, poller.snapshot.stats);
  assert.equal(session.frame().snapshot.history.in.length, 2);
});

test('a paused client list stays, but can be paged through', async () => {
  const { source, session, second, keys } = await open('clients');
  session.press(undefined, 'p');
  const asked = source.queries.length;
  await second();
  assert.equal(source.queries.length, asked);
  session.press('pagedown', '');
  await settle();
  assert.equal(keys()[0], '1015');
});

test('details ask for one client, and going back shows the list at once', async () => {
  const { source, session, keys } = await open('clients');
  const list = keys();
  session.press('down', '');
  session.press('enter', '');
  await settle();
  assert.deepEqual(source.queries.at(-1), { where: [{ field: 'cid', op: '=', value: '1001' }], limit: 1 });
  session.press('esc', '');
  assert.deepEqual(keys(), list);
});

test('a paste cannot bring control characters into the filter', async () => {
  const { session } = await open('nodes');
  session.press(undefined, '/');
  session.paste('a\u001b[31m\r\nb\u0007');
  assert.equal(listOf(session.frame().state).filter, 'a b');
});

test('the interval chosen is the poller’s', async () => {
  const { session, poller } = await open('nodes');
  session.press(undefined, '+');
  assert.equal(poller.intervalMs, 2000);
});

test('where all rows of a page have left, the page before is shown', async () => {
  const { source, session, second, keys } = await open('clients');
  session.press('pagedown', '');
  await settle();
  session.press('pagedown', '');
  await settle();
  const answer = source.snapshot.bind(source);
  const asked = 2;
  let emptied = 0;
  source.snapshot = async (query) => {
    const { list, ...rest } = await answer(query);
    if (list === undefined || query?.query?.cursor === undefined) return { ...rest, ...(list && { list }) };
    emptied++;
    return { ...rest, list: { kind: 'connections', page: { items: [], total: 15 } } };
  };
  await second();
  for (let i = 0; i < 5; i++) await settle();
  assert.equal(emptied, asked);
  assert.equal(keys()[0], '1000');
  assert.equal(listOf(session.frame().state).page.trail.length, 1);
});

test('a row that is not there has left only where all have said so', async () => {
  const { source, session, second, detail } = await open('groups');
  session.press('enter', '');
  await settle();
  const answer = source.snapshot.bind(source);
  const page = { items: [], total: 0 };
  for (const [list, words] of [
    [{ kind: 'groups', page: { ...page, missingNodes: ['node-b'] } }, /without an answer from node-b/],
    [{ kind: 'groups', page }, /has no members any more/],
  ] as const) {
    source.snapshot = async (query) => ({ ...(await answer(query)), list });
    await second();
    await settle();
    assert.match(detail(), words);
  }
});

test('the details of a row that could not be asked for say why', async () => {
  const { source, session, second, detail } = await open('groups');
  const answer = source.snapshot.bind(source);
  source.snapshot = async (query) => ({
    ...(await answer(query)),
    list: { kind: 'groups', error: { code: 'internal', message: 'too busy' } },
  });
  session.press('enter', '');
  await second();
  await settle();
  assert.match(detail(), /too busy/);
});

test('no number is given to two messages, whatever was open between them', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { session, keys } = await open('messages');
  t.mock.timers.tick(250);
  const before = keys();
  assert.ok(before.length > 0);
  session.press(undefined, '15');
  await settle();
  t.mock.timers.tick(250);
  const after = keys();
  assert.ok(after.length > 0);
  assert.deepEqual(
    after.filter((key) => before.includes(key)),
    [],
  );
});

test('what was asked for before the end is waited for', async () => {
  const { actions, session } = await open('clients');
  const kicked = Promise.withResolvers<{ matched: number; closed: number }>();
  actions.kick = () => kicked.promise;
  for (const key of ['x', 'y', 'q']) session.press(undefined, key);
  let isSettled = false;
  const settled = session.settled().then(() => {
    isSettled = true;
  });
  await settle();
  assert.equal(isSettled, false);
  kicked.resolve({ matched: 1, closed: 1 });
  await settled;
});

test('Esc and the key after it count both where they come in one piece', async () => {
  const { session } = await open('nodes');
  session.press(undefined, '?');
  session.press('alt-8', '8');
  assert.equal(session.frame().state.view, 'queues');
  assert.equal(session.frame().state.overlay, 'none');
  session.press(undefined, '/');
  session.press('alt-q', 'q');
  assert.equal(session.frame().state.ending, undefined);
});

test('help is scrolled to its last line and no further', async () => {
  const { session } = await open('nodes');
  session.press(undefined, '?');
  const lines = helpLines({ columns: 80, rows: 24 }).length;
  assert.ok(lines > 16);
  for (let i = 0; i < 100; i++) session.press('down', '');
  assert.equal(session.frame().state.scroll, lines - 16);
  session.press('home', '');
  assert.equal(session.frame().state.scroll, 0);
});

test('while a filter of messages is typed, their stream stays the one that is open', async () => {
  const { source, session } = await open('messages');
  session.press(undefined, '/uid=bob');
  assert.equal(source.tails.length, 1);
  session.press('enter', '');
  assert.deepEqual(source.tails.at(-1), { uid: 'bob', perSecond: 100 });
  assert.equal(source.tails.length, 2);
});
