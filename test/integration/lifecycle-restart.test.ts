import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { createLogger } from '../../src/telemetry/log.ts';
import { StartError } from '../../src/util/start-error.ts';
import { post } from '../support/http-post.ts';
import { startTestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { join } from '../support/ws-clients.ts';

let folder = '';
let dataDirectory = '';
beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'yunque-'));
  dataDirectory = joinPath(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function startError(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof StartError && pattern.test(error.message);
}

test('registered systems, the node’s id and the key of clientIds survive a restart', async () => {
  const first = await startTestNode({ dataDirectory });
  assert.equal((await post(first, '/api/register', { systemId: '租户 1' })).body.code, 0);
  await first.admin.addSystem('removed');
  await first.admin.removeSystem('removed');
  const [row] = (await first.admin.systems({ system: '租户 1' })).items;
  const key = await readFile(joinPath(dataDirectory, 'crypto.key'), 'utf8');
  await first[Symbol.asyncDispose]();

  await using second = await startTestNode({ dataDirectory });
  assert.equal(second.node.nodeId, first.node.nodeId);
  assert.equal(await readFile(joinPath(dataDirectory, 'crypto.key'), 'utf8'), key);
  const { items } = await second.admin.systems();
  assert.deepEqual(
    items.map(({ system }) => system),
    ['default', '租户 1'],
  );
  assert.deepEqual(items[1], row);
  const again = await post(second, '/api/register', { systemId: '租户 1' });
  assert.deepEqual(again.body, { code: -1, msg: '该系统ID已被注册', data: [] });
  const client = await join(second, 'json', { system: '租户 1' });
  assert.match(client.clientId, /./);
});

test('each node makes a key of clientIds of its own', async () => {
  const keys = await Promise.all(
    ['a', 'b'].map(async (name) => {
      await using node = await startTestNode({ dataDirectory: joinPath(folder, name) });
      return (await readFile(joinPath(node.dataDirectory, 'crypto.key'), 'utf8')).trim();
    }),
  );
  assert.notEqual(keys[0], keys[1]);
  for (const key of keys) assert.ok(key.length === 32 && new Set(key).size > 8, 'it is not random');
});

for (const file of ['crypto.key', 'node-id']) {
  test(`a damaged ${file} is named, and nothing is started on it`, async () => {
    await mkdir(dataDirectory);
    await writeFile(joinPath(dataDirectory, file), 'not what it should be');
    await assert.rejects(startTestNode({ dataDirectory }), startError(new RegExp(`${file} is damaged`)));
  });
}

test('systems of the configuration are there from the start', async () => {
  await using node = await startTestNode({ dataDirectory, set: ['systems.list=[shop, 游戏]'] });
  await join(node, 'json', { system: '游戏' });
  assert.deepEqual(
    (await node.admin.systems()).items.map(({ system }) => system),
    ['default', 'shop', '游戏'],
  );
});

test('ids of a previous run reach nobody', async () => {
  const first = await startTestNode({ dataDirectory });
  const old = await join(first, 'json');
  const oldBound = await join(first, 'yunque');
  await first[Symbol.asyncDispose]();

  await using second = await startTestNode({ dataDirectory });
  await Promise.all(Array.from({ length: 5 }, () => join(second, 'json')));
  await Promise.all(Array.from({ length: 5 }, () => join(second, 'yunque')));
  const ids = [old.clientId, oldBound.cid];
  const receipt = await second.admin.send({ target: { to: 'connections', ids }, push: { msg: 'x' } });
  assert.deepEqual([receipt.matched, receipt.unknown], [0, ids]);
  for (const id of ids) await assert.rejects(second.admin.connection(id), refusal('unknown_client'));
  const { body } = await post(second, '/api/send_to_client', { clientId: old.clientId }, 'default');
  assert.equal(body.msg, '客户端不存在');
});

test('a data directory in use is refused, naming it and its holder, and the holder goes on', async () => {
  await using holder = await startTestNode({ dataDirectory });
  await assert.rejects(
    startTestNode({ dataDirectory }),
    startError(new RegExp(`${dataDirectory} is in use by process ${process.pid}`)),
  );
  await holder.admin.addSystem('still-writable');
});

test('a damaged systems.db is refused, naming the file', async () => {
  await (await startTestNode({ dataDirectory }))[Symbol.asyncDispose]();
  const file = joinPath(dataDirectory, 'systems.db');
  await writeFile(file, 'this is no database, and never was one'.repeat(200));
  await assert.rejects(
    startTestNode({ dataDirectory }),
    startError(new RegExp(`cannot use ${file}: .*not a database`)),
  );
  // A refused start holds nothing: the directory is free for the next attempt.
  await rm(file);
  await (await startTestNode({ dataDirectory }))[Symbol.asyncDispose]();
});

test('a systems.db with a damaged page is refused too', async () => {
  const first = await startTestNode({ dataDirectory });
  for (let n = 0; n < 400; n += 1) await first.admin.addSystem(`system-${n}-${'x'.repeat(60)}`);
  await first[Symbol.asyncDispose]();
  const file = joinPath(dataDirectory, 'systems.db');
  const bytes = await readFile(file);
  assert.ok(bytes.length > 3 * 4096, 'the table has pages of its own');
  bytes.fill(0xa5, 2 * 4096, 3 * 4096);
  await writeFile(file, bytes);
  await assert.rejects(startTestNode({ dataDirectory }), startError(new RegExp(`cannot use ${file}`)));
});

test('a systems.db of a newer version is refused and left as it is', async () => {
  await (await startTestNode({ dataDirectory }))[Symbol.asyncDispose]();
  const file = joinPath(dataDirectory, 'systems.db');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 99');
  db.close();
  await assert.rejects(startTestNode({ dataDirectory }), startError(/written by a newer yunque \(schema 99/));
  const after = new DatabaseSync(file);
  assert.equal(after.prepare('PRAGMA user_version').get()?.['user_version'], 99);
  after.close();
});

test('a data directory that is a file is refused, naming it', async () => {
  await writeFile(dataDirectory, '');
  await assert.rejects(
    startTestNode({ dataDirectory }),
    startError(new RegExp(`cannot use the data directory ${dataDirectory}`)),
  );
});

test('a file of systems of an older release is brought up to date, and the log says where the old one is', async () => {
  await mkdir(dataDirectory);
  await copyFile(new URL('../vectors/systems-v1.db', import.meta.url), joinPath(dataDirectory, 'systems.db'));
  const logged: string[] = [];
  const log = createLogger({ level: 'info', format: 'json', destination: { write: (line) => void logged.push(line) } });
  await using _ = await startTestNode({ dataDirectory, log });
  const backup = joinPath(dataDirectory, 'systems.db.v1.backup');
  const line = logged.map((each) => JSON.parse(each)).find(({ msg }) => /brought up to date/.test(msg));
  assert.deepEqual([line?.from, line?.to, line?.backup], [1, 2, backup]);
  assert.ok((await readFile(backup)).length > 0);
});
