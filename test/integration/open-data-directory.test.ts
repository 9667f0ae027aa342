import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTestNode } from '../support/node.ts';
import { silentLogger } from '../support/silent-logger.ts';

test('secrets of the data directory that others can read are warned about at the start, with what ends it', async (t) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'yunque-open-'));
  t.after(() => rm(dataDirectory, { recursive: true, force: true }));
  const warnings: string[] = [];
  const log = Object.assign(silentLogger(), { warn: (line: unknown) => warnings.push(String(line)) });
  const start = async () => (await startTestNode({ dataDirectory, log }))[Symbol.asyncDispose]();
  await start();
  const files = ['crypto.key', 'systems.db'].map((file) => join(dataDirectory, file));
  for (const file of files) await chmod(file, 0o644);
  warnings.length = 0;
  await start();
  assert.deepEqual(warnings.splice(0), [], 'nobody else comes into the directory');
  await chmod(dataDirectory, 0o755);
  await start();
  assert.deepEqual(
    warnings.filter((line) => !line.includes('-wal')),
    files.map((file) => `${file}: holds a secret and can be read by other users; run: chmod o-rwx ${file}`),
  );
});
