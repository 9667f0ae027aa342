import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csvRecord } from '../../../src/cli/output/csv.ts';
import { createPrinter, type Listing } from '../../../src/cli/output/printer.ts';
import { renderTable } from '../../../src/cli/output/table.ts';
import { formatTime } from '../../../src/cli/output/time.ts';
import { widthOf } from '../../../src/util/text-width.ts';

interface Row {
  readonly name: string;
  readonly note: string;
  readonly size: number;
}

const columns = [
  { header: 'NAME', cell: (row: Row) => row.name, least: 5 },
  { header: 'NOTE', cell: (row: Row) => row.note, least: 5 },
  { header: 'SIZE', cell: (row: Row) => String(row.size), align: 'right' },
] as const;

const rows: readonly Row[] = [
  { name: 'alice', note: 'short', size: 7 },
  { name: '张三的一个很长的设备名称', note: 'a note that goes on and on and on', size: 12345 },
  { name: '👨‍👩‍👧 family', note: 'e\u0301tienne', size: 1 },
];

describe('a table', () => {
  it('is whole where there is no terminal, each column as wide as its widest cell', () => {
    const { lines } = renderTable(columns, rows);
    assert.match(lines[2]!, /张三的一个很长的设备名称 {2}a note that goes on and on and on {2}12345$/);
    assert.ok(lines.slice(1).every((line) => widthOf(line) === widthOf(lines[2]!)));
  });

  for (const width of [80, 50, 40, 30, 21]) {
    it(`fits a terminal of ${width} columns, wide characters counted twice`, () => {
      const { lines } = renderTable(columns, rows, { width });
      for (const line of lines) assert.ok(widthOf(line) <= width, `${widthOf(line)}: ${line}`);
      assert.equal(lines.length, 4);
      if (width < 60) assert.match(lines[2]!, /…/);
    });
  }

  it('keeps short columns whole while a long one can give way', () => {
    const [, , line] = renderTable(columns, rows, { width: 50 }).lines;
    assert.match(line!, /12345$/);
  });

  it('leaves out whole columns, the least important first, before it cuts one, and never cuts an id', () => {
    const wide = [
      { header: 'ID', cell: () => '4503599627370497' },
      { header: 'A', cell: () => 'aaaaaaaaaa', priority: 1 },
      { header: 'B', cell: () => 'bbbbbbbbbb', priority: 3 },
      { header: 'C', cell: () => 'cccccccccc', priority: 2, least: 4 },
    ];
    const at = (width: number) => {
      const { lines, hidden } = renderTable(wide, [{}], { width });
      return [hidden, lines[1]];
    };
    assert.deepEqual(at(60), [0, '4503599627370497  aaaaaaaaaa  bbbbbbbbbb  cccccccccc']);
    assert.deepEqual(at(50), [0, '4503599627370497  aaaaaaaaaa  bbbbbbbbbb  ccccccc…']);
    assert.deepEqual(at(40), [1, '4503599627370497  aaaaaaaaaa  cccccccccc']);
    assert.deepEqual(at(30), [2, '4503599627370497  aaaaaaaaaa']);
    assert.deepEqual(at(8), [3, '4503599627370497']);
  });

  it('with no rows is its header', () => assert.deepEqual(renderTable(columns, []).lines, ['NAME  NOTE  SIZE']));

  it('lets no cell move the cursor or begin a line', () => {
    const [, line] = renderTable(columns, [
      { name: 'a\u001b[2J\u001b]0;title\u0007b\nc', note: '\u202exyz\u0085', size: 1 },
    ]).lines;
    assert.equal(line, 'ab c  xyz      1');
  });
});

describe('a CSV record', () => {
  it('quotes as RFC 4180 says and ends in CRLF', () => {
    assert.equal(
      csvRecord(['a', 1, true, 'x,y', 'say "hi"', 'two\nlines', '']),
      'a,1,true,"x,y","say ""hi""","two\r\nlines",\r\n',
    );
  });
  it('holds no terminal escapes', () => assert.equal(csvRecord(['\u001b[2Ja']), 'a\r\n'));
});

describe('a printed list', () => {
  const listing: Listing<Row> = {
    schema: 'yunque.rows/1',
    rowSchema: 'yunque.row/1',
    columns,
    fields: ['name', 'size'],
  };
  const print = async (format: 'table' | 'json' | 'ndjson' | 'csv' | 'plain', color = false) => {
    let out = '';
    const write = (text: string) => {
      out += text;
    };
    await createPrinter({ format, width: undefined, color, write }).list(listing, {
      items: rows,
      total: 9,
      cursor: 'c',
    });
    return out;
  };

  it('as json is one line with its schema, the rows, the total and the cursor', async () => {
    const out = await print('json');
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.rows/1', items: rows, total: 9, cursor: 'c' });
    assert.equal(out.split('\n').length, 2);
  });
  it('as ndjson is a row a line, each with its schema', async () => {
    const lines = (await print('ndjson'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines,
      rows.map((row) => ({ schema: 'yunque.row/1', ...row })),
    );
  });
  it('as csv begins with the names of the fields', async () => {
    assert.equal((await print('csv')).split('\r\n')[0], 'name,size');
  });
  it('as plain has a tab between fields and no header', async () => {
    assert.equal((await print('plain')).split('\n')[0], 'alice\t7');
  });
  it('as table has a bold header only where colour is on', async () => {
    assert.ok((await print('table', true)).startsWith('\u001b[1mNAME'));
    assert.ok((await print('table')).startsWith('NAME'));
  });
});

it('a time is ISO 8601 to the second', () => {
  assert.equal(formatTime(0), '1970-01-01T00:00:00Z');
  assert.equal(formatTime(undefined), '');
});
