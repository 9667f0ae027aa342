import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SinkFigures } from '../../../src/api/stats.ts';
import { createQueueColumns } from '../../../src/tui/columns/queue-columns.ts';
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
