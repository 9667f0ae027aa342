import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '../../../src/api/event.ts';
import type { SinkFigures } from '../../../src/api/stats.ts';
import { eventColumns } from '../../../src/tui/columns/event-columns.ts';
import { createQueueColumns } from '../../../src/tui/columns/queue-columns.ts';
import { eventDetails } from '../../../src/tui/details/item-details.ts';
import { plainGlyphs } from '../../../src/tui/draw/theme.ts';

test('attempts that are made again are no loss; what a client was refused is', () => {
  const figures = (use: SinkFigures['use']) => {
    const sink: SinkFigures = {
      name: 's',
      use,
      kind: 'http',
      state: 'failing',
      sent: 9,
      failed: 30,
      dropped: 2,
      waiting: 4,
    };
    const columns = createQueueColumns(plainGlyphs, 'totals');
    return ['lost', 'retries'].map((id) =>
      columns
        .find((column) => column.id === id)
        ?.text({ way: 'out', node: 'n', sink }, 5, [])
        .trim(),
    );
  };
  assert.deepEqual(figures('events'), ['2', '30']);
  assert.deepEqual(figures('uplink'), ['32', '-']);
});

test('what a newer node says, and this program has no word for, is shown as it is', () => {
  const columns = createQueueColumns(plainGlyphs, 'rates');
  const sink = {
    name: 'q',
    kind: 'kafka',
    use: 'events',
    state: 'resting',
    sent: 0,
    waiting: 0,
    failed: 0,
    dropped: 0,
  };
  const row = { way: 'out', node: 'a', sink: sink as unknown as SinkFigures } as const;
  assert.equal(columns.find(({ id }) => id === 'state')?.text(row, 12, [row]), 'resting');
  const item = { type: 'moved', time: 0, sequence: 1, node: 'node-x', cid: '7' } as unknown as NodeEvent;
  const cells = eventColumns.map((column) => column.text({ number: 1, item }, 20, []));
  assert.deepEqual(cells.slice(1), ['node-x', '* moved', 'node-x', '']);
  assert.match(eventDetails(item).flat().join(' '), /cid 7/);
});
