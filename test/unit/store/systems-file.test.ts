import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { SqliteBans } from '../../../src/store/sqlite-bans.ts';
import { SqliteKeys } from '../../../src/store/sqlite-keys.ts';
import { SqliteSystems } from '../../../src/store/sqlite-systems.ts';
import { type FileUpgrade, openSystemsFile } from '../../../src/store/systems-file.ts';
import { readApiKey } from '../../../src/util/api-key.ts';
import { StartError } from '../../../src/util/start-error.ts';

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'yunque-systems-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'systems.db');
}

/** What a node keeps in its file; closed with the test at the latest. */
function open(t: TestContext, file: string) {
  const upgrades: FileUpgrade[] = [];
  const db = openSystemsFile(file, (upgrade) => upgrades.push(upgrade));
  const close = () => db.isOpen && db.close();
  t.after(close);
  return { systems: new SqliteSystems(db), keys: new SqliteKeys(db), bans: new SqliteBans(db), close, upgrades };
}

const names = async (systems: SqliteSystems) => (await systems.list()).map(({ system }) => system);
const pushTo = (system: string) => ({ owner: 'system', system, role: 'push' }) as const;

test('systems are there after a restart, with the time they were added, and those removed are not', async (t) => {
  const file = fileFor(t);
  const before = open(t, file);
  await before.systems.add('shop', 1_700_000_000_000);
  await before.systems.add("Robert'); DROP TABLE systems;--", 2);
  await before.systems.add('gone', 3);
  await before.systems.remove('gone');
  before.close();
  const { systems } = open(t, file);
  assert.deepEqual(await names(systems), ["Robert'); DROP TABLE systems;--", 'default', 'shop']);
  assert.equal((await systems.list()).find(({ system }) => system === 'shop')?.createdAt, 1_700_000_000_000);
  assert.equal(await systems.has('gone'), false);
});

test('of several systems that are added at once, one that cannot be written leaves none', async (t) => {
  const db = openSystemsFile(fileFor(t));
  t.after(() => db.close());
  db.exec(
    "CREATE TRIGGER full BEFORE INSERT ON systems WHEN NEW.system = 'bad' BEGIN SELECT RAISE(ABORT, 'full'); END",
  );
  const systems = new SqliteSystems(db);
  await assert.rejects(systems.addAll(['good', 'bad'], 1), /full/);
  assert.deepEqual(await names(systems), ['default']);
  assert.deepEqual(await names(new SqliteSystems(db)), ['default']);
  db.exec('DROP TRIGGER full');
  await systems.addAll(['good', 'bad'], 1);
  assert.deepEqual(await names(new SqliteSystems(db)), ['bad', 'default', 'good']);
});

test('keys are there after a restart, in their order, and that a system had one is too', async (t) => {
  const file = fileFor(t);
  const before = open(t, file);
  await before.systems.add('shop', 1);
  const made = [
    await before.keys.rotate(pushTo('shop'), { now: false, createdAt: 10, expiresAt: 20 }),
    await before.keys.rotate({ owner: 'operator', role: 'operate' }, { now: false, createdAt: 5 }),
    await before.keys.rotate(pushTo('shop'), { now: false, createdAt: 7 }),
  ];
  const { info } = await before.keys.rotate(pushTo('default'), { now: false, createdAt: 8 });
  await before.keys.remove(info.id);
  before.close();
  const { keys } = open(t, file);
  assert.deepEqual(
    await keys.list(),
    made.map((each) => each.info),
  );
  for (const { info, key } of made)
    assert.deepEqual(await keys.find(info.id), { ...info, digest: readApiKey(key)?.digest });
  assert.deepEqual([await keys.isKeyed('shop'), await keys.isKeyed('default')], [true, true]);
  const next = await keys.rotate(pushTo('shop'), { now: false, createdAt: 9 });
  assert.deepEqual([next.kept, next.removed], [made[2]?.info, [made[0]?.info.id]]);
});

test('a key’s text is nowhere in the folder', async (t) => {
  const file = fileFor(t);
  const { keys, close } = open(t, file);
  const { key } = await keys.rotate(pushTo('default'), { now: false, createdAt: 1 });
  const secret = key.slice('yq_'.length + 10 + 1);
  const isThere = () =>
    readdirSync(dirname(file)).some((name) => readFileSync(join(dirname(file), name)).includes(secret));
  assert.equal(isThere(), false);
  close();
  assert.equal(isThere(), false);
});

test('bans are there after a restart, those that are over only until the next one', async (t) => {
  const file = fileFor(t);
  const before = open(t, file);
  const ban = { system: 'default', uid: "o'hara 云雀", until: 300, reason: 'spam' };
  await before.bans.ban({ ...ban, uid: 'short', until: 150 }, 100);
  await before.bans.ban({ ...ban, uid: 'lifted' }, 100);
  await before.bans.unban('default', 'lifted', 100);
  await before.bans.ban({ ...ban, until: 200, reason: 'first' }, 200);
  await before.bans.ban(ban, 100);
  before.close();
  const { bans } = open(t, file);
  assert.deepEqual(await bans.list(0), [ban]);
});

test('a system takes its keys and bans with it in one step: not even a crash right after leaves any', async (t) => {
  const file = fileFor(t);
  const before = open(t, file);
  await before.systems.add('shop', 1);
  await before.keys.rotate(pushTo('shop'), { now: false, createdAt: 1 });
  await before.bans.ban({ system: 'shop', uid: 'alice', until: 300, reason: '' }, 100);
  await before.systems.remove('shop');
  before.close();
  const after = open(t, file);
  await after.systems.add('shop', 2);
  assert.deepEqual(
    [await after.keys.list(), await after.keys.isKeyed('shop'), await after.bans.list(0)],
    [[], false, []],
  );
});

test('what was added is in the file before it resolves: a copy taken then has it', async (t) => {
  const file = fileFor(t);
  const { systems, keys } = open(t, file);
  await systems.add('shop', 1);
  const { info } = await keys.rotate(pushTo('shop'), { now: false, createdAt: 1 });
  const copy = `${file}.copy`;
  for (const end of ['', '-wal']) if (existsSync(file + end)) writeFileSync(copy + end, readFileSync(file + end));
  const recovered = open(t, copy);
  assert.equal(await recovered.systems.has('shop'), true);
  assert.equal((await recovered.keys.find(info.id))?.id, info.id);
});

test('a rotation that cannot be written has not happened', async (t) => {
  const file = fileFor(t);
  const { keys } = open(t, file);
  const first = await keys.rotate(pushTo('default'), { now: false, createdAt: 1 });
  await assert.rejects(keys.rotate(pushTo('nowhere'), { now: false, createdAt: 2 }), /FOREIGN KEY/);
  assert.deepEqual(await keys.list(), [first.info]);
  assert.equal(await keys.isKeyed('nowhere'), false);
  await keys.rotate(pushTo('default'), { now: false, createdAt: 3 });
});

test('default keeps the time of the first start', async (t) => {
  const file = fileFor(t);
  const first = open(t, file);
  const [before] = await first.systems.list();
  first.close();
  const second = open(t, file);
  assert.deepEqual(await second.systems.list(), [before]);
});

describe('a file of the release before keys', () => {
  const v1 = new URL('../../vectors/systems-v1.db', import.meta.url);
  const kept = [
    { system: "o'hara 云雀", createdAt: 1_700_000_000_001 },
    { system: 'shop', createdAt: 1_700_000_000_000 },
  ];
  const withoutDefault = async (systems: SqliteSystems) =>
    (await systems.list()).filter(({ system }) => system !== 'default');

  test('is brought up to date with what is in it, once, and takes keys and bans', async (t) => {
    const file = fileFor(t);
    copyFileSync(v1, file);
    const first = open(t, file);
    assert.deepEqual(await withoutDefault(first.systems), kept);
    await first.keys.rotate(pushTo('shop'), { now: false, createdAt: 1 });
    await first.bans.ban({ system: 'shop', uid: 'alice', until: 2, reason: '' }, 1);
    first.close();
    assert.deepEqual(first.upgrades, [{ file, from: 1, to: 2, backup: `${file}.v1.backup` }]);
    rmSync(`${file}.v1.backup`);
    const second = open(t, file);
    assert.deepEqual(await withoutDefault(second.systems), kept);
    assert.equal(await second.keys.isKeyed('shop'), true);
    assert.equal(existsSync(`${file}.v1.backup`), false, 'it was migrated a second time');
    assert.deepEqual(second.upgrades, []);
  });

  test('is copied before, readable by its owner alone, and the copy is a whole file of the old release', async (t) => {
    const file = fileFor(t);
    copyFileSync(v1, file);
    writeFileSync(`${file}.v1.backup`, 'an older backup', { mode: 0o644 });
    writeFileSync(`${file}.v1.backup.unfinished`, 'what a crash left', { mode: 0o644 });
    open(t, file);
    assert.equal(statSync(`${file}.v1.backup`).mode & 0o777, 0o600);
    assert.equal(existsSync(`${file}.v1.backup.unfinished`), false);
    const backup = new DatabaseSync(`${file}.v1.backup`, { readOnly: true });
    t.after(() => backup.close());
    assert.equal(backup.prepare('PRAGMA user_version').get()?.['user_version'], 1);
    assert.deepEqual(
      backup
        .prepare("SELECT * FROM systems WHERE system <> 'default' ORDER BY system")
        .all()
        .map((row) => ({ system: row['system'], createdAt: row['created_at'] })),
      kept,
    );
    assert.equal(backup.prepare("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'").get()?.['n'], 1);
  });

  test('stays as it was where the copy cannot be made', async (t) => {
    const file = fileFor(t);
    copyFileSync(v1, file);
    mkdirSync(`${file}.v1.backup`);
    assert.throws(() => openSystemsFile(file), StartError);
    rmSync(`${file}.v1.backup`, { recursive: true });
    const db = new DatabaseSync(file);
    assert.equal(db.prepare('PRAGMA user_version').get()?.['user_version'], 1);
    db.close();
    const { systems } = open(t, file);
    assert.deepEqual(await withoutDefault(systems), kept);
  });

  test('a new file needs no copy', (t) => {
    const file = fileFor(t);
    open(t, file);
    assert.deepEqual(
      readdirSync(dirname(file)).filter((name) => name.includes('backup')),
      [],
    );
  });
});

describe('a file that cannot be used is a start error that names it', () => {
  const refused = (file: string, message: RegExp, hint: RegExp) =>
    assert.throws(
      () => openSystemsFile(file),
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
    const { systems, close } = open(t, file);
    for (let n = 0; n < 500; n += 1) await systems.add(`system-${n}-${'x'.repeat(100)}`, n);
    close();
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
    db.exec('PRAGMA user_version = 3; CREATE TABLE future (x)');
    db.close();
    const size = statSync(file).size;
    refused(file, /newer yunque \(schema 3, this one knows 2\)/, /newer version|--data-dir/);
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
