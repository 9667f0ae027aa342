import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type ErrorCode, errorTable, exitCodes, YunqueError } from '../../../src/api/errors.ts';
import { en } from '../../../src/cli/text/en.ts';
import { settingKeys } from '../../../src/config/keys.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');

/** The cells of every row of the table that begins with `header`. */
function tableAfter(header: string): string[][] {
  const lines = page.slice(page.indexOf(header)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/errors.md', () => {
  test('has the rows of the error table, in its order, word for word, each with something to do', () => {
    const rows = tableAfter('| name | HTTP |');
    const expected = Object.entries(errorTable).map(([name, { status, close, exit, retryable, message }]) => {
      return [`\`${name}\``, String(status), String(close), String(exit), retryable ? 'yes' : 'no', message];
    });
    assert.deepEqual(
      rows.map((cells) => cells.slice(0, 6)),
      expected,
    );
    for (const cells of rows) assert.ok((cells[6] ?? '').length > 5, `${cells[0]} says what to do`);
  });

  test('has the exit codes of the command line', () => {
    const rows = tableAfter('| exit | name |');
    assert.deepEqual(
      rows.map(([exit, name]) => [name, Number(exit)]),
      Object.entries(exitCodes).map(([name, exit]) => [en.exits[name as keyof typeof exitCodes], exit]),
    );
  });
});

test('every setting that docs/errors.md names exists', () => {
  const named = [...page.matchAll(/`((?:limits|outbox|systems|auth|heartbeat)\.\w+|bindTimeout|paths)`/g)].map(
    ([, key]) => key,
  );
  assert.ok(named.length >= 5);
  assert.deepEqual(
    named.filter((key) => !(settingKeys as readonly unknown[]).includes(key)),
    [],
  );
});

describe('the error table', () => {
  const rows = Object.entries(errorTable);

  test('has close codes that a server may send, and ranges that mean what they say', () => {
    for (const [name, { close, retryable }] of rows) {
      assert.ok([1009, 1011].includes(close) || (close >= 4000 && close <= 4999), name);
      if (close >= 4500) assert.equal(retryable, false, `${name}: reconnecting does not help from 4500 on`);
      if (close > 4000 && close < 4500) assert.equal(retryable, true, `${name}: it may help below`);
    }
  });

  test('gives each reason for which a connection is closed a code of its own', () => {
    const shared = new Set([4000, 4001, 4507]);
    const codes = rows.map(([, { close }]) => close).filter((close) => !shared.has(close));
    assert.equal(new Set(codes).size, codes.length);
  });

  test('has HTTP statuses of errors, and exit codes that are on the list of the command line', () => {
    for (const [name, { status, exit }] of rows) {
      assert.ok(status >= 400 && status < 600, name);
      assert.ok(Object.values<number>(exitCodes).includes(exit), name);
    }
  });

  test('has messages that fit a close frame', () => {
    for (const [name, { message }] of rows) assert.ok(Buffer.byteLength(message) <= 123, name);
  });
});

test('an error carries its row, the table’s words unless given better ones, and where to look', () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const plain = new YunqueError(code);
    assert.deepEqual(
      [plain.message, plain.row, plain.field, plain.hint],
      [errorTable[code].message, errorTable[code], undefined, undefined],
    );
  }
  const cause = new Error('why');
  const full = new YunqueError('bad_request', 'uid is missing', { field: 'uid', hint: 'name one', cause });
  assert.deepEqual([full.message, full.field, full.hint, full.cause], ['uid is missing', 'uid', 'name one', cause]);
});
