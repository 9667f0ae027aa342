import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { History } from '../../../src/store/redis/history.ts';
import { KeptCopy } from '../../../src/store/redis/kept-copy.ts';
import { nothingStored, StoreTables } from '../../../src/store/replica/tables.ts';
import { eventually } from '../../support/eventually.ts';

test('a damaged copy that cannot be set aside stays as it is and fails nobody who saves', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'yunque-kept-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'copy');
  writeFileSync(file, 'nonsense');
  // A file cannot become a directory that is there.
  mkdirSync(`${file}.damaged/full`, { recursive: true });
  const failures: (string | undefined)[] = [];
  const kept = new KeptCopy({ file, onFailure: (failure) => failures.push(failure) });
  assert.equal(kept.read(), undefined);
  assert.ok(kept.damage !== undefined);
  const make = () => ({ tables: new StoreTables(nothingStored), history: new History().kept(1) });
  kept.save(make);
  await eventually('it is told', () => failures.length > 0);
  assert.match(failures[0] ?? '', /copy/);
  assert.equal(readFileSync(file, 'utf8'), 'nonsense');
  rmSync(`${file}.damaged`, { recursive: true });
  kept.save(make);
  await kept.close();
  assert.equal(failures.at(-1), undefined);
  assert.equal(readFileSync(`${file}.damaged`, 'utf8'), 'nonsense');
  assert.notEqual(new KeptCopy({ file }).read(), undefined);
});
