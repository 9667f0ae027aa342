import '../../support/tsx-hook.ts';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { createColumns } from '../../../src/tui/columns/columns.ts';
import { createTheme } from '../../../src/tui/draw/theme.ts';
import { Poller } from '../../../src/tui/feed/poller.ts';
import { type Frame, Session } from '../../../src/tui/session.ts';
import { initialState, type Size, type View, views } from '../../../src/tui/state/view-state.ts';
import { widthOf } from '../../../src/util/text-width.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeActions } from '../../support/fake-actions.ts';
import { createFakeStats, type FakeStats } from '../../support/fake-stats.ts';

const { Screen } = await import('../../../src/tui/top.tsx');

const small: Size = { columns: 80, rows: 24 };
const large: Size = { columns: 140, rows: 40 };

async function frameAfter(options: {
  readonly size: Size;
  readonly view?: View;
  readonly filter?: string;
  readonly keys?: readonly string[];
  /** Once a stream has come. */
  readonly later?: readonly string[];
  readonly before?: (source: FakeStats, second: number) => void;
}): Promise<Frame> {
  // Times of day are shown in the operator's zone, so it is the same here in any of them.
  const time = { ms: new Date(2026, 2, 1, 14, 3, 22).getTime() };
  const source = createFakeStats({ now: () => time.ms });
  const poller = new Poller({ source, intervalMs: 1000, now: () => time.ms });
  const session = new Session({
    feed: poller,
    columns: createColumns(createTheme({ color: true, unicode: true }).glyphs),
    actions: fakeActions(),
    snapshotText: () => '',
    initial: initialState({
      view: options.view ?? 'nodes',
      filter: options.filter ?? '',
      intervalMs: 1000,
      size: options.size,
    }),
  });
  for (let second = 0; second < 30; second++) {
    options.before?.(source, second);
    await poller.sample();
    time.ms += 1000;
  }
  for (const key of options.keys ?? []) {
    session.press(key.length > 1 ? key : undefined, key);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
  // Streams are told of in batches.
  const { state } = session.frame();
  const isThere = ({ snapshot: { copies, events } }: Frame) =>
    state.view === 'events' ? events.entries.length > 0 : copies.entries.length > 0;
  const hasStream = state.view === 'events' || state.view === 'messages' || state.overlay === 'tail';
  if (hasStream && !state.isPaused) {
    await eventually('the stream has come', () => isThere(session.frame()));
    for (const key of options.later ?? []) session.press(key.length > 1 ? key : undefined, key);
  }
  const frame = session.frame();
  poller.close();
  return frame;
}

function draw(frame: Frame, { unicode = true, color = true, hasKeys = true } = {}): string {
  const theme = createTheme({ color, unicode });
  const allColumns = createColumns(theme.glyphs);
  const { columns } = frame.state.size;
  return stripVTControlCharacters(
    renderToString(createElement(Screen, { frame, theme, columns: allColumns, hasKeys }), { columns }),
  );
}

/** Compares with the recorded screen; `--test-update-snapshots` records it. */
function assertScreen(t: TestContext, name: string, text: string, size: Size): void {
  const lines = text.split('\n');
  assert.equal(lines.length, size.rows);
  for (const line of lines) assert.ok(widthOf(line) <= size.columns, line);
  const bare = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  t.assert.fileSnapshot(bare, join(import.meta.dirname, 'screens', `${name}.txt`), { serializers: [(value) => value] });
}

/** Keys that choose a row: there is none before the stream has come. */
function afterStream(view: View, keys: readonly string[]) {
  return view === 'events' || view === 'messages' ? { later: keys } : { keys };
}

for (const [label, size] of [
  ['80x24', small],
  ['140x40', large],
] as const) {
  for (const view of views) {
    // The third client has a wide name, and some before and after it are joined, hostile or long.
    test(`the view of ${view} at ${label}`, async (t) => {
      assertScreen(
        t,
        `${view}-${label}`,
        draw(await frameAfter({ size, view, ...afterStream(view, ['down', 'down']) })),
        size,
      );
    });
  }

  test(`help at ${label}, made from the key table`, async (t) => {
    assertScreen(t, `help-${label}`, draw(await frameAfter({ size, keys: ['?'] })), size);
  });
}

for (const view of views) {
  test(`the details of a row of ${view}`, async (t) => {
    const frame = await frameAfter({ size: small, view, ...afterStream(view, ['down', 'down', 'enter']) });
    assertScreen(t, `${view}-details-80x24`, draw(frame), small);
  });
}

test('a row as JSON is scrolled, and hides nothing of a long value', async (t) => {
  const frame = await frameAfter({ size: small, view: 'nodes', keys: ['y', 'down', 'down'] });
  assertScreen(t, 'json-80x24', draw(frame), small);
});

test('the messages of one client, live', async (t) => {
  const frame = await frameAfter({ size: small, view: 'clients', keys: ['down', 'down', 't'] });
  assertScreen(t, 'tail-80x24', draw(frame), small);
});

test('totals instead of rates', async () => {
  assert.match(draw(await frameAfter({ size: small, keys: ['R'] })), / IN +OUT +DROP /);
});

test('a question and a message being written stand in the status line, with the keys that answer', async () => {
  const question = draw(await frameAfter({ size: small, view: 'clients', keys: ['down', 'down', 'x'] }));
  assert.match(question, /\n ▲ disconnect client #1002 of 张伟\? {2}y yes {2}u all of this user {2}n no/);
  const message = draw(await frameAfter({ size: small, view: 'clients', keys: ['m', ...'hello '.repeat(20)] }));
  assert.match(message, /\n message to client #1000 of alice: ….*hello hello\s*\n Enter take {2}Esc cancel/);
});

test('a lost server shows the age of the figures, and a gap where there was no answer', async (t) => {
  const frame = await frameAfter({
    size: small,
    before(source, second) {
      source.failure =
        (second > 8 && second < 14) || second > 26 ? new Error('connect ECONNREFUSED 127.0.0.1:7001') : undefined;
    },
  });
  const text = draw(frame);
  assert.match(text, /■ RECONNECTING {2}figures 3s old; connect ECONNREFUSED/);
  assertScreen(t, 'lost-80x24', text, small);
});

test('a degraded node and one that is missing are named, in words and not by colour alone', async () => {
  const frame = await frameAfter({ size: small });
  const { stats } = frame.snapshot;
  assert.ok(stats);
  const health = { verdict: 'degraded', reasons: ['the bus is slow', 'node-x does not answer'] } as const;
  const snapshot = { ...frame.snapshot, stats: { ...stats, health, missingNodes: ['node-x'] } };
  const text = draw({ ...frame, snapshot });
  assert.match(text, /▲ DEGRADED {2}the bus is slow; node-x does not answer/);
  assert.match(text, /nodes {6}3\/4/);
  assert.match(text, /node-x +× missing.*\n(?:.*\n)*.*node-x +does not answer/);
});

test('a filter being typed, a pause and the place in the list stand in the status line', async () => {
  const typing = await frameAfter({ size: small, view: 'clients', keys: ['/', 'b', 'o', 'b'] });
  assert.match(draw(typing), /\n \/bob +1-15 of 152\s*\n Enter take {2}Esc cancel/);
  const paused = await frameAfter({ size: small, view: 'clients', filter: '王小明', keys: ['p'] });
  assert.match(draw(paused), /^ ● OK .* PAUSED {2}every 1s {2}14:03:51\n(?:.*\n)* filter 王小明 +1-15 of 152\s*\n/);
});

test('a small terminal gives up the sparklines first, and says so only when nothing fits', async () => {
  const tiny = { columns: 60, rows: 10 };
  const text = draw(await frameAfter({ size: tiny }));
  assert.equal(text.split('\n').length, 10);
  assert.match(text, /node-c/);
  assert.match(draw(await frameAfter({ size: { columns: 59, rows: 10 } })), /too small: 59x10/);
});

test('without Unicode the screen is ASCII, but for the names of others', async () => {
  for (const view of ['nodes', 'queues', 'systems'] as const) {
    const text = draw(await frameAfter({ size: large, view }), { unicode: false });
    assert.match(text, /^ \+ OK/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
    assert.doesNotMatch(text, /[^\x00-\x7f]/);
  }
});

test('without colour every screen says the same', async () => {
  for (const view of views) {
    const frame = await frameAfter({ size: small, view });
    assert.equal(draw(frame, { color: false }), draw(frame));
  }
});

test('a node that drains tells how far it is', async () => {
  const frame = await frameAfter({ size: small });
  const [first, ...rest] = frame.snapshot.nodes;
  assert.ok(first);
  const stats = { ...first.stats, state: 'draining', drain: { clients: 200, left: 50 } } as const;
  const text = draw({ ...frame, snapshot: { ...frame.snapshot, nodes: [{ ...first, stats }, ...rest] } });
  assert.match(text, /node-a +▼ drain 75%/);
  assert.match(text, /node-a +drain █{18}·{6} 50 of 200 left/);
});

test('what is only looked at says so, and offers no keys that change something', async () => {
  const frame = await frameAfter({ size: small, view: 'clients' });
  const readonly = draw({ ...frame, state: { ...frame.state, isReadonly: true } });
  assert.match(readonly, /^ ● OK .* readonly {2}every 1s/);
  assert.doesNotMatch(readonly, /kick|message {2}/);
  const replayed = draw({ ...frame, state: { ...frame.state, speed: 4 } });
  assert.match(replayed, /^ ● OK .* REPLAY 4x /);
});

test('an empty cluster has words in place of rows', async () => {
  const frame = await frameAfter({ size: small, view: 'clients', filter: 'uid=nobody' });
  assert.match(draw(frame), /\n {2}no client matches the filter\s*\n/);
  const { stats } = frame.snapshot;
  assert.ok(stats);
  const bare = { ...frame.snapshot, nodes: [], stats: { ...stats, nodes: [] } };
  const queues = draw({ snapshot: bare, state: { ...frame.state, view: 'queues' } });
  assert.match(queues, /\n {2}no node reads or writes a queue\s*\n/);
});

test('where keys cannot be read, none are offered', async () => {
  assert.match(draw(await frameAfter({ size: small }), { hasKeys: false }), /\n Ctrl-C ends\s*$/);
});

test('a stream that is opened while the screen is stopped is not said to be empty', async () => {
  for (const keys of [
    ['p', '7'],
    ['p', '5'],
    ['2', 'p', 't'],
  ]) {
    assert.match(draw(await frameAfter({ size: small, keys })), /paused: nothing is shown/, keys.join(' '));
  }
});
