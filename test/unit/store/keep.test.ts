import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqliteBans } from '../../../src/store/sqlite-bans.ts';
import { SqliteKeys } from '../../../src/store/sqlite-keys.ts';
import { SqliteSystems } from '../../../src/store/sqlite-systems.ts';
import { openScratchFile } from '../../support/systems-file.ts';

test('a file that is full or read-only refuses systems, keys and bans with what to do, keeps none of them, and takes them once there is room', async () => {
  await using scratch = await openScratchFile();
  const { db } = scratch;
  const [systems, keys, bans] = [new SqliteSystems(db), new SqliteKeys(db), new SqliteBans(db)];
  await systems.add('shop', 1);
  const grant = { owner: 'system', system: 'shop', role: 'push' } as const;
  const rotate = () => keys.rotate(grant, { now: true, createdAt: 2 });
  const { info: kept } = await rotate();
  const long = 'x'.repeat(5000);
  const changes = [
    () => systems.add(long, 1),
    () => bans.ban({ system: 'shop', uid: 'alice', until: 10, reason: long }, 1),
    async () => {
      for (let n = 0; n < 200; n += 1) await keys.rotate({ ...grant, role: 'read' }, { now: false, createdAt: 3 });
    },
  ];
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.exec(`PRAGMA max_page_count = ${pages}`);
  for (const change of changes.slice(0, 2)) {
    await assert.rejects(change, {
      code: 'unavailable',
      message: 'the data directory cannot be written: database or disk is full',
      hint: 'make room on the disk of the data directory, and try again',
    });
  }
  assert.deepEqual([await systems.has(long), await bans.find('shop', 'alice', 1)], [false, undefined]);
  db.exec('PRAGMA query_only = ON');
  await assert.rejects(rotate, { code: 'unavailable', hint: /became read-only/ });
  assert.deepEqual(
    (await keys.list()).map(({ id }) => id),
    [kept.id],
    'the older key stays where there is no new one',
  );
  db.exec('PRAGMA query_only = OFF');
  db.exec('PRAGMA max_page_count = 100000');
  for (const change of changes) await change();
  assert.deepEqual((await rotate()).removed, [kept.id]);
  assert.deepEqual([await systems.has(long), (await bans.find('shop', 'alice', 1))?.until], [true, 10]);
});
