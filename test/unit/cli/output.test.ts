import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csvRecord } from '../../../src/cli/output/csv.ts';
import { createPrinter, type Listing } from '../../../src/cli/output/printer.ts';
import { sanitizeJson, sanitizeLine } from '../../../src/cli/output/sanitize.ts';
import { renderTable, truncate, widthOf } from '../../../src/cli/output/table.ts';
import { formatAge, formatBytes, formatCount, formatRate, formatTime } from '../../../src/cli/output/units.ts';

interface Row {
  readonly name: string;
  readonly note: string;
  readonly size: number;
}

const columns = [
  { header: 'NAME', cell: (row: Row) => row.name },
  { header: 'NOTE', cell: (row: Row) => row.note },
  { header: 'SIZE', cell: (row: Row) => String(row.size), align: 'right' },
] as const;

const rows: readonly Row[] = [
  { name: 'alice', note: 'short', size: 7 },
  { name: '张三的一个很长的设备名称', note: 'a note that goes on and on and on', size: 12345 },
  { name: '👨‍👩‍👧 family', note: 'e\u0301tienne', size: 1 },
];

describe('a table', () => {
  it('is whole where there is no terminal, each column as wide as its widest cell', () => {
    const lines = renderTable(columns, rows);
    assert.match(lines[2]!, /张三的一个很长的设备名称 {2}a note that goes on and on and on {2}12345$/);
    assert.ok(lines.slice(1).every((line) => widthOf(line) === widthOf(lines[2]!)));
  });

  for (const width of [80, 50, 40, 30, 21]) {
    it(`fits a terminal of ${width} columns, wide characters counted twice`, () => {
      const lines = renderTable(columns, rows, { width });
      for (const line of lines) assert.ok(widthOf(line) <= width, `${widthOf(line)}: ${line}`);
      assert.equal(lines.length, 4);
      if (width < 60) assert.match(lines[2]!, /…/);
    });
  }

  it('keeps short columns whole while a long one can give way', () => {
    const [, , line] = renderTable(columns, rows, { width: 50 });
    assert.match(line!, /12345$/);
  });

  it('with no rows is its header', () => assert.deepEqual(renderTable(columns, []), ['NAME  NOTE  SIZE']));

  it('lets no cell move the cursor or begin a line', () => {
    const [, line] = renderTable(columns, [
      { name: 'a\u001b[2J\u001b]0;title\u0007b\nc', note: '\u202exyz\u0085', size: 1 },
    ]);
    assert.equal(line, 'ab c  xyz      1');
  });
});

describe('truncation', () => {
  for (const [text, width, expected] of [
    ['hello', 5, 'hello'],
    ['hello', 4, 'hel…'],
    ['云雀推送', 8, '云雀推送'],
    ['云雀推送', 7, '云雀推…'],
    ['云雀推送', 6, '云雀…'],
    ['👨‍👩‍👧👨‍👩‍👧', 3, '👨‍👩‍👧…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ] as const) {
    it(`of ${text} to ${width} is ${expected}`, () => assert.equal(truncate(text, width), expected));
  }
});

describe('text from elsewhere', () => {
  for (const [text, expected] of [
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007', 'link'],
    ['\u001bPq#0\u001b\\sixel', 'sixel'],
    ['a\u001bcb', 'ab'],
    ['a\tb\r\nc', 'a b c'],
    ['\u0007\u0008\u007f\u009b31m', '31m'],
    ['user\u202egnp.exe', 'usergnp.exe'],
    ['云雀 ok', '云雀 ok'],
  ] as const) {
    it(`${JSON.stringify(text)} becomes ${JSON.stringify(expected)}`, () => assert.equal(sanitizeLine(text), expected));
  }

  it('in JSON is escaped and means the same', () => {
    const value = { a: '\u009b2J\u202e\u007f\u001b[0m云' };
    const json = sanitizeJson(JSON.stringify(value));
    assert.match(json, /^[\x20-\x7e云]+$/);
    assert.deepEqual(JSON.parse(json), value);
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

describe('figures for people', () => {
  it('ages show their two largest units', () => {
    assert.deepEqual([0, 59, 60, 61, 3600, 90_061, 86_400 * 400, -3].map(formatAge), [
      '0s',
      '59s',
      '1m',
      '1m1s',
      '1h',
      '1d1h',
      '400d',
      '0s',
    ]);
  });
  it('bytes go by 1024, counts by 1000', () => {
    assert.deepEqual([0, 1023, 1536, 10_485_760].map(formatBytes), ['0', '1023', '1.50K', '10.0M']);
    assert.deepEqual([0, 9999, 12_345, 1_234_567].map(formatCount), ['0', '9999', '12.3k', '1.23M']);
  });
  it('small rates keep a digit', () =>
    assert.deepEqual([0, 0.25, 9.96, 120].map(formatRate), ['0', '0.3', '10.0', '120']));
  it('times are ISO 8601 to the second', () => {
    assert.equal(formatTime(0), '1970-01-01T00:00:00Z');
    assert.equal(formatTime(undefined), '');
  });
});
