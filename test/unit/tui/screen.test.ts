import '../../support/tsx-hook.ts';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { createColumns } from '../../../src/tui/columns.ts';
import { Poller } from '../../../src/tui/poller.ts';
import { type Frame, Session } from '../../../src/tui/session.ts';
import { createTheme } from '../../../src/tui/theme.ts';
import { initialState, type Size, type View } from '../../../src/tui/view-state.ts';
import { widthOf } from '../../../src/util/text-width.ts';
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
  readonly before?: (source: FakeStats, second: number) => void;
}): Promise<Frame> {
  // Times of day are shown in the operator's zone, so it is the same here in any of them.
  const time = { ms: new Date(2026, 2, 1, 14, 3, 22).getTime() };
  const source = createFakeStats({ now: () => time.ms });
  const poller = new Poller({ source, intervalMs: 1000, now: () => time.ms });
  const session = new Session({
    feed: poller,
    columns: createColumns(createTheme({ color: true, unicode: true }).glyphs.spark),
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
  return session.frame();
}

function draw(frame: Frame, { unicode = true, hasKeys = true } = {}): string {
  const theme = createTheme({ color: true, unicode });
  const allColumns = createColumns(theme.glyphs.spark);
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

for (const [label, size] of [
  ['80x24', small],
  ['140x40', large],
] as const) {
  test(`the nodes view at ${label}`, async (t) => {
    assertScreen(t, `nodes-${label}`, draw(await frameAfter({ size })), size);
  });

  test(`the clients view at ${label}, with wide, joined and hostile names`, async (t) => {
    assertScreen(
      t,
      `clients-${label}`,
      draw(await frameAfter({ size, view: 'clients', keys: ['down', 'down'] })),
      size,
    );
  });

  test(`help at ${label}, made from the key table`, async (t) => {
    assertScreen(t, `help-${label}`, draw(await frameAfter({ size, keys: ['?'] })), size);
  });
}

test('the details of a client and of a node', async (t) => {
  const client = await frameAfter({ size: small, view: 'clients', keys: ['down', 'down', 'enter'] });
  assertScreen(t, 'client-details-80x24', draw(client), small);
  const node = await frameAfter({ size: small, keys: ['down', 'enter'] });
  assertScreen(t, 'node-details-80x24', draw(node), small);
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
  assert.match(text, /RECONNECTING connect ECONNREFUSED/);
  assertScreen(t, 'lost-80x24', text, small);
});

test('a degraded node and one that is missing are named, in words and not by colour alone', async () => {
  const frame = await frameAfter({ size: small });
  const { stats } = frame.snapshot;
  assert.ok(stats);
  const health = { verdict: 'degraded', reasons: ['the bus is slow', 'node-x does not answer'] } as const;
  const snapshot = { ...frame.snapshot, stats: { ...stats, health, missingNodes: ['node-x'] } };
  const text = draw({ ...frame, snapshot });
  assert.match(text, /▲ DEGRADED the bus is slow; node-x does not answer/);
  assert.match(text, /nodes 3\/4/);
  assert.match(text, /node-x +missing/);
});

test('a filter being typed, a pause and the place in the list stand in the status line', async () => {
  const typing = await frameAfter({ size: small, view: 'clients', keys: ['/', 'b', 'o', 'b'] });
  assert.match(draw(typing), /\n \/bob +1-16 of 152\s*\n Enter take {2}Esc cancel/);
  const paused = await frameAfter({ size: small, view: 'clients', filter: '王小明', keys: ['p'] });
  assert.match(draw(paused), /\n PAUSED {2}filter 王小明 +1-16 of 152\s*\n/);
});

test('a small terminal gives up the sparklines first, and says so only when nothing fits', async () => {
  const tiny = { columns: 60, rows: 10 };
  const text = draw(await frameAfter({ size: tiny }));
  assert.equal(text.split('\n').length, 10);
  assert.match(text, /node-c/);
  assert.match(draw(await frameAfter({ size: { columns: 59, rows: 10 } })), /too small: 59x10/);
});

test('without Unicode the screen is ASCII, but for the names of others', async () => {
  const text = draw(await frameAfter({ size: large, keys: ['?'] }), { unicode: false });
  assert.match(text, /^ \+ OK/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  assert.doesNotMatch(text, /[^\x00-\x7f]/);
});

test('where keys cannot be read, none are offered', async () => {
  assert.match(draw(await frameAfter({ size: small }), { hasKeys: false }), /\n Ctrl-C ends\s*$/);
});
