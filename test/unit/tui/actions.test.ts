import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createColumns } from '../../../src/tui/columns/columns.ts';
import { plainGlyphs } from '../../../src/tui/draw/theme.ts';
import { Poller } from '../../../src/tui/feed/poller.ts';
import { Session } from '../../../src/tui/session.ts';
import { initialState, listOf, type View } from '../../../src/tui/state/view-state.ts';
import { fakeActions } from '../../support/fake-actions.ts';
import { createFakeStats } from '../../support/fake-stats.ts';

async function open(view: View, more: { isReadonly?: boolean; clients?: number; speed?: number } = {}) {
  const source = createFakeStats({ now: () => 1_700_000_000_000, clients: more.clients ?? 100 });
  const poller = new Poller({ source, intervalMs: 1000, now: () => 0 });
  const actions = fakeActions();
  const session = new Session({
    feed: poller,
    columns: createColumns(plainGlyphs),
    actions,
    snapshotText: () => 'all of it',
    initial: initialState({ view, filter: '', intervalMs: 1000, size: { columns: 80, rows: 24 }, ...more }),
  });
  await poller.sample();
  await settle();
  return {
    source,
    actions,
    session,
    state: () => session.frame().state,
    notice: () => session.frame().state.notice?.text,
    async press(...keys: readonly string[]) {
      for (const key of keys) {
        const isNamed = named.includes(key);
        session.press(isNamed ? key : undefined, key);
        await settle();
      }
    },
  };
}

const named = ['up', 'down', 'home', 'end', 'enter', 'esc', 'tab', 'ctrl-u'];

/** Lets answers that are already there arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

const bob = { kind: 'client', system: 'default', cid: '1001', uid: 'bob', receivers: 1 } as const;

test('a client is disconnected after y, and after nothing else', async () => {
  const top = await open('clients');
  await top.press('down', 'x');
  assert.deepEqual(top.state().question, { kind: 'kick', subject: bob });
  for (const no of ['n', 'enter', 'esc', 'q']) {
    await top.press(no);
    assert.equal(top.state().question, undefined);
    assert.equal(top.notice(), 'nothing was done');
    await top.press('x');
  }
  assert.deepEqual(top.actions.done, []);
  assert.equal(top.state().ending, undefined, 'the answer to a question is no other key');
  await top.press('y');
  assert.deepEqual(top.actions.done, [{ kind: 'kick', subject: bob }]);
  assert.equal(top.notice(), 'client #1001 of bob: 1 connection closed');
});

test('u disconnects all of the user', async () => {
  const top = await open('clients');
  await top.press('down', 'x', 'u');
  const [done] = top.actions.done;
  assert.ok(done?.kind === 'kick' && done.subject.kind === 'user');
  assert.equal(done.subject.uid, 'bob');
});

test('a client without a user has nobody else to disconnect', async () => {
  const top = await open('clients');
  await top.press('down', 'down', 'down', 'down', 'down', 'x', 'u');
  assert.deepEqual(top.actions.done, []);
});

test('groups, systems and nodes are not disconnected as a whole', async () => {
  for (const [view, words] of [
    ['groups', /a group is not disconnected as a whole/],
    ['systems', /a system is not disconnected as a whole/],
    ['nodes', /nobody to act on/],
  ] as const) {
    const top = await open(view);
    await top.press('x');
    assert.equal(top.state().question, undefined);
    assert.match(top.notice() ?? '', words);
  }
});

test('a message is typed, sent to the row, and its receipt told', async () => {
  const top = await open('groups');
  await top.press('down', 'm', 'hello', 'enter');
  const [done] = top.actions.done;
  assert.ok(done?.kind === 'send');
  assert.equal(done.text, 'hello');
  assert.ok(done.subject.kind === 'group');
  assert.match(top.notice() ?? '', /^group .*: delivered \d+ of \d+/);
  await top.press('down');
  assert.equal(top.notice(), undefined, 'the next key takes it away');
});

test('Tab turns a message to a client into one to its user, and back', async () => {
  const top = await open('clients');
  await top.press('down', 'm', 'tab', 'hello');
  const prompt = top.state().prompt;
  assert.ok(prompt?.kind === 'message');
  assert.equal(prompt.subject.kind, 'user');
  assert.equal(prompt.text, 'hello');
  await top.press('tab', 'enter');
  assert.deepEqual(top.actions.done, [{ kind: 'send', subject: bob, text: 'hello' }]);
});

test('a message to more than 10,000 is asked about', async () => {
  const top = await open('systems', { clients: 10_020 });
  await top.press('m', 'hello', 'enter');
  assert.equal(top.state().question?.kind, 'send');
  assert.deepEqual(top.actions.done, []);
  await top.press('y');
  assert.equal(top.actions.done.length, 1);
  assert.match(top.notice() ?? '', /delivered 10,008 of 10,008/);
});

test('an empty message is not sent', async () => {
  const top = await open('groups');
  await top.press('m', 'enter');
  assert.deepEqual(top.actions.done, []);
  assert.equal(top.notice(), 'nothing was sent');
});

test('read only, disconnecting and sending are refused with words, and saving is not', async () => {
  const top = await open('clients', { isReadonly: true });
  for (const key of ['x', 'm']) {
    await top.press(key);
    assert.match(top.notice() ?? '', /--readonly/);
    assert.equal(top.state().prompt ?? top.state().question, undefined);
  }
  await top.press('S', 'enter');
  assert.equal(top.actions.done.length, 1);
});

test('a refusal of the server is what the status line says, and ends nothing', async () => {
  const top = await open('clients');
  top.actions.failure = Object.assign(new Error('no such client\u001b[31m'), { hint: 'it may have left' });
  await top.press('x', 'y');
  assert.equal(top.notice(), 'no such client; it may have left');
  assert.equal(top.state().notice?.tone, 'bad');
  assert.equal(top.state().ending, undefined);
});

test('what is shown is saved under the name offered, and a file that exists is asked about', async () => {
  const top = await open('nodes');
  await top.press('S');
  const prompt = top.state().prompt;
  assert.ok(prompt?.kind === 'save');
  assert.match(prompt.text, /^yunque-\d{8}-\d{6}\.json$/);
  await top.press('enter');
  assert.deepEqual(top.actions.done, [{ kind: 'save', file: prompt.text, overwrite: false }]);
});

test('a file that exists is overwritten only after y', async () => {
  const top = await open('nodes');
  await top.press('S', 'ctrl-u');
  top.session.paste('taken');
  await top.press('enter');
  assert.deepEqual(top.state().question, { kind: 'overwrite', file: 'taken' });
  await top.press('y');
  assert.deepEqual(top.actions.done, [{ kind: 'save', file: 'taken', overwrite: true }]);
});

test('keys of one piece are keys, also Enter among them, while what is pasted is only text', async () => {
  const top = await open('nodes');
  top.session.paste('q2x');
  assert.equal(top.state().ending, undefined);
  assert.equal(top.state().view, 'nodes');
  top.session.press(undefined, '2/bob\r\tq');
  assert.equal(top.state().lists.clients.filter, 'bob');
  assert.equal(top.state().view, 'groups');
  assert.equal(top.state().ending, 'quit');
});

test('what is pasted into a prompt is typed, without its line ends and controls', async () => {
  const top = await open('clients');
  await top.press('m');
  top.session.paste('a\r\nq\u001b[31mb');
  const prompt = top.state().prompt;
  assert.ok(prompt?.kind === 'message');
  assert.equal(prompt.text, 'a qb');
  assert.equal(top.state().ending, undefined);
});

test('the stream of events is open only while its view is, and that of messages while they are shown', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const top = await open('nodes');
  const { session, source } = top;
  assert.equal(session.frame().snapshot.events.link, 'closed');
  await top.press('7');
  t.mock.timers.tick(250);
  const { events } = session.frame().snapshot;
  assert.equal(events.link, 'live');
  assert.equal(events.entries.length, 30);
  assert.equal(events.lost, 2);
  await top.press('5');
  t.mock.timers.tick(250);
  assert.equal(session.frame().snapshot.events.link, 'closed');
  assert.equal(session.frame().snapshot.copies.lost, 7);
  assert.deepEqual(source.tails, [{ perSecond: 100 }]);
  await top.press('1');
  assert.equal(session.frame().snapshot.copies.link, 'closed');
  await top.press('2', 'down', 't');
  assert.deepEqual(source.tails.at(-1), { system: 'default', client: '1001', perSecond: 100 });
  await top.press('t');
  assert.deepEqual(source.tails.at(-1), { system: 'default', uid: 'bob', perSecond: 100 });
  await top.press('esc');
  assert.equal(session.frame().snapshot.copies.link, 'closed');
  assert.equal(listOf(top.state()).selectedKey, '1001');
});

test('y shows the row as JSON, which scrolls and stops at both ends', async () => {
  const top = await open('nodes');
  await top.press('y');
  assert.equal(top.state().overlay, 'json');
  await top.press('end');
  const { scroll } = top.state();
  assert.ok(scroll > 10);
  await top.press('down');
  assert.equal(top.state().scroll, scroll);
  await top.press('home', 'up');
  assert.equal(top.state().scroll, 0);
  await top.press('y');
  assert.equal(top.state().overlay, 'none');
});

test('the slow view asks for clients with bytes waiting, the most first', async () => {
  const { source } = await open('slow');
  assert.deepEqual(source.queries.at(-1), {
    where: [{ field: 'queueBytes', op: '>', value: '0' }],
    sort: 'queueBytes',
    descending: true,
    limit: 15,
  });
});

test('of a recording nothing is disconnected, sent or tailed, and + plays it faster', async () => {
  const top = await open('clients', { speed: 1 });
  for (const key of ['x', 'm', 't']) {
    await top.press(key);
    assert.match(top.notice() ?? '', /a recording is shown/);
  }
  await top.press('+');
  assert.equal(top.state().speed, 2);
  await top.press('-', '-');
  assert.equal(top.state().speed, 0.5);
});

test('over the tail of a row, its receiver is meant, wherever the list below has gone', async () => {
  const top = await open('clients');
  await top.press('down', 't');
  top.session.press(undefined, 'm');
  await top.press('hello', 'enter');
  assert.deepEqual(top.actions.done, [{ kind: 'send', subject: bob, text: 'hello' }]);
  await top.press('t', 'x');
  const { question } = top.state();
  assert.ok(question?.kind === 'kick');
  assert.equal(question.subject.kind, 'user', 'the tail was that of the user by then');
});

test('the tail of a message gives no details of another message', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const top = await open('messages');
  t.mock.timers.tick(250);
  await top.press('t');
  t.mock.timers.tick(250);
  await top.press('enter');
  assert.equal(top.state().overlay, 'tail');
  assert.equal(top.state().openKey, undefined);
});

test('the oldest message of a tail can be scrolled to', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const top = await open('clients');
  top.session.resize({ columns: 80, rows: 16 });
  await top.press('t');
  t.mock.timers.tick(250);
  await top.press('end');
  const { snapshot, state } = top.session.frame();
  const rows = 7;
  assert.ok(snapshot.copies.entries.length > rows);
  assert.equal(state.scroll, snapshot.copies.entries.length - rows);
});

test('a message to a group or system of unknown size is asked about', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const top = await open('messages');
  t.mock.timers.tick(250);
  const { entries } = top.session.frame().snapshot.copies;
  const at = entries.toReversed().findIndex(({ item }) => item.cid === undefined && item.target?.to === 'groups');
  assert.ok(at >= 0);
  for (let i = 0; i < at; i++) await top.press('down');
  await top.press('m', 'hello', 'enter');
  const { question } = top.state();
  assert.ok(question?.kind === 'send');
  assert.equal(question.subject.kind, 'group');
  assert.deepEqual(top.actions.done, []);
  await top.press('y');
  assert.equal(top.actions.done.length, 1);
});

test('a y that came in one piece with x is no answer to a question nobody has read', async () => {
  const top = await open('clients');
  top.session.press(undefined, 'xy');
  await settle();
  assert.equal(top.state().question?.kind, 'kick');
  assert.deepEqual(top.actions.done, []);
});

test('a question is not exchanged for another one while it is asked', async () => {
  const top = await open('clients');
  const saved = Promise.withResolvers<'exists'>();
  top.actions.save = () => saved.promise;
  await top.press('S', 'enter', 'x');
  saved.resolve('exists');
  await settle();
  assert.deepEqual(top.state().question?.kind, 'kick');
  assert.match(top.notice() ?? '', /the file exists/);
});
