import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { SqliteSystems } from '../../../src/store/sqlite-systems.ts';
import { StartError } from '../../../src/util/start-error.ts';

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'yunque-systems-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'systems.db');
}

const names = async (systems: SqliteSystems) => (await systems.list()).map(({ system }) => system);

test('systems are there after a restart, with the time they were added, and those removed are not', async (t) => {
  const file = fileFor(t);
  const before = new SqliteSystems(file);
  await before.add('shop', 1_700_000_000_000);
  await before.add("Robert'); DROP TABLE systems;--", 2);
  await before.add('gone', 3);
  await before.remove('gone');
  await before.close();
  const after = new SqliteSystems(file);
  assert.deepEqual(await names(after), ["Robert'); DROP TABLE systems;--", 'default', 'shop']);
  assert.equal((await after.list()).find(({ system }) => system === 'shop')?.createdAt, 1_700_000_000_000);
  assert.equal(await after.has('gone'), false);
  await after.close();
});

test('what was added is in the file before add resolves: a copy taken then has it', async (t) => {
  const file = fileFor(t);
  const systems = new SqliteSystems(file);
  await systems.add('shop', 1);
  const copy = `${file}.copy`;
  for (const end of ['', '-wal']) if (existsSync(file + end)) writeFileSync(copy + end, readFileSync(file + end));
  const recovered = new SqliteSystems(copy);
  assert.equal(await recovered.has('shop'), true);
  await recovered.close();
  await systems.close();
});

test('default keeps the time of the first start', async (t) => {
  const file = fileFor(t);
  const first = new SqliteSystems(file);
  const [before] = await first.list();
  await first.close();
  const second = new SqliteSystems(file);
  assert.deepEqual(await second.list(), [before]);
  await second.close();
});

describe('a file that cannot be used is a start error that names it', () => {
  const refused = (file: string, message: RegExp, hint: RegExp) =>
    assert.throws(
      () => new SqliteSystems(file),
      (error) => {
        assert.ok(error instanceof StartError, String(error));
        assert.ok(error.message.includes(file), error.message);
        assert.match(error.message, message);
        assert.match(error.hint ?? '', hint);
        return true;
      },
    );

  test('no database', (t) => {
    const file = fileFor(t);
    writeFileSync(file, 'these are not the bytes of a database'.repeat(200));
    refused(file, /not a database/, /backup/);
  });

  test('a damaged one, found before anything is read from it', async (t) => {
    const file = fileFor(t);
    const systems = new SqliteSystems(file);
    for (let n = 0; n < 500; n += 1) await systems.add(`system-${n}-${'x'.repeat(100)}`, n);
    await systems.close();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 3, 4096 * 6);
    writeFileSync(file, bytes);
    refused(file, /cannot use/, /backup/);
  });

  test('a folder', (t) => {
    const file = fileFor(t);
    mkdirSync(file);
    refused(file, /cannot use/, /owner/);
  });

  test('in a folder that is not there', (t) => refused(join(fileFor(t), 'x'), /cannot use/, /owner/));

  test('one of a newer release, which is left as it was', (t) => {
    const file = fileFor(t);
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 2; CREATE TABLE future (x)');
    db.close();
    const size = statSync(file).size;
    refused(file, /newer yunque \(schema 2, this one knows 1\)/, /newer version|--data-dir/);
    assert.equal(statSync(file).size, size);
    const again = new DatabaseSync(file);
    assert.deepEqual(
      again
        .prepare('SELECT name FROM sqlite_master')
        .all()
        .map(({ name }) => name),
      ['future'],
    );
    again.close();
  });

  test('one that somebody else holds', (t) => {
    const file = fileFor(t);
    const other = new DatabaseSync(file);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (x); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)');
    refused(file, /locked/, /./);
    other.close();
  });
});
