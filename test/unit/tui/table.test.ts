import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionFields } from '../../../src/api/list-fields.ts';
import { clientColumns } from '../../../src/tui/columns/client-columns.ts';
import { createNodeColumns } from '../../../src/tui/columns/node-columns.ts';
import { cellsOf, measureColumns, placeColumns, titlesOf } from '../../../src/tui/draw/table.ts';
import { plainGlyphs } from '../../../src/tui/draw/theme.ts';
import { parseFilter } from '../../../src/tui/state/filter.ts';
import { widthOf } from '../../../src/util/text-width.ts';
import { createFakeStats } from '../../support/fake-stats.ts';

test('every row is as wide as the titles, and never wider than the terminal', async () => {
  const { items } = await createFakeStats().connections({ limit: 200 });
  for (const width of [58, 78, 98, 138, 200]) {
    const placed = placeColumns(clientColumns, width);
    const titles = titlesOf(placed, 'queueBytes', '↓').join(' ');
    assert.ok(widthOf(titles) <= width, `${width}`);
    for (const row of items) {
      const line = cellsOf(placed, row, items)
        .map(({ text }) => text)
        .join(' ');
      assert.equal(widthOf(line), widthOf(titles), line);
    }
  }
});

test('a narrow terminal keeps the important columns, and a wide one shows all', () => {
  const ids = (width: number) => placeColumns(clientColumns, width).map(({ column }) => column.id);
  assert.deepEqual(ids(58), ['uid', 'remoteAddress', 'ageSeconds', 'queueBytes', 'delivered']);
  assert.equal(ids(200).length, clientColumns.length);
  const nodes = createNodeColumns(plainGlyphs).slice();
  assert.ok(
    ['in', 'out', 'lag', 'memory'].every((id) => placeColumns(nodes, 78).some(({ column }) => column.id === id)),
  );
});

test('columns without a terminal are as wide as what they hold', async () => {
  const { items } = await createFakeStats().connections({ limit: 50 });
  const [first] = measureColumns(clientColumns, items);
  assert.equal(first?.width, Math.max(...items.map((row) => widthOf(first?.column.text(row, 0, items) ?? ''))));
});

const parseClientFilter = (text: string) => parseFilter(text, connectionFields);

test('a filter reads conditions on known fields, in any case, and searches for the rest', () => {
  assert.deepEqual(parseClientFilter('queuebytes>0  alice smith dialect!=cim'), {
    where: [
      { field: 'queueBytes', op: '>', value: '0' },
      { field: 'dialect', op: '!=', value: 'cim' },
    ],
    search: 'alice smith',
  });
  assert.deepEqual(parseClientFilter('groups~vip'), { where: [{ field: 'groups', op: '~', value: 'vip' }] });
  assert.deepEqual(parseClientFilter(''), {});
});

test('half a condition is only text; a field nobody has is for the server to refuse', () => {
  assert.deepEqual(parseClientFilter('queueBytes>'), { search: 'queueBytes>' });
  assert.deepEqual(parseClientFilter('bogus=1'), { where: [{ field: 'bogus', op: '=', value: '1' }] });
});
