import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type FakeAdmin, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const statsOf = (left: number, startedAt = 1, clients = 2) => ({
  schema: 'yunque.stats/1',
  nodes: [{ node: 'n1', pid: process.pid, startedAt, drain: { clients, left } }],
});

/** A node that answers `stats` with each of these in turn, then with the last; undefined: it hangs up, and again. */
async function startLeaving(t: TestContext, answers: readonly unknown[]): Promise<FakeAdmin> {
  let at = 0;
  return await startFakeAdmin(t, {
    'GET /version': { node: 'n1' },
    'GET /stats': () => answers[Math.min(at++, answers.length - 1)],
    'POST /stop': { clients: 2, hardLimitMs: 30_000 },
  });
}

const pathsOf = (admin: FakeAdmin) => admin.asked.map(({ method, path }) => `${method} ${path}`);

describe('stop', { timeout: 20_000 }, () => {
  it('says how many clients are left, each time a tenth has gone, until another start of the node answers', async (t) => {
    const admin = await startLeaving(
      t,
      [40, 40, 39, 37, 36, 20, 18, 1, 0].map((left) => statsOf(left, 1, 40)).concat(statsOf(0, 2)),
    );
    const { exit, err, out } = await cli(['stop', '-s', admin.url, '--json']);
    assert.equal(exit, 0, err);
    assert.deepEqual(err.trim().split('\n'), [
      'draining: 40 of 40 clients left',
      'draining: 36 of 40 clients left',
      'draining: 20 of 40 clients left',
      'draining: 1 of 40 clients left',
      'draining: 0 of 40 clients left',
    ]);
    const { schema, node } = JSON.parse(out);
    assert.deepEqual([schema, node], ['yunque.stopped/1', 'n1']);
    assert.equal(admin.asked.find(({ path }) => path === '/stop')?.body, '{"now":false}');
  });

  it('--drain takes the place of drain.duration, and does not go with --now', async (t) => {
    const admin = await startLeaving(t, [statsOf(2), statsOf(0, 2)]);
    assert.equal((await cli(['stop', '--drain', '1m', '-s', admin.url])).exit, 0);
    assert.equal(admin.asked.find(({ path }) => path === '/stop')?.body, '{"now":false,"drainMs":60000}');
    assert.equal((await cli(['stop', '--drain', '1m', '--now', '-s', admin.url])).exit, 2);
    assert.equal((await cli(['stop', '--drain', '60', '-s', admin.url])).exit, 2);
  });

  it('--now says so', async (t) => {
    const admin = await startLeaving(t, [statsOf(2), statsOf(0, 2)]);
    assert.equal((await cli(['stop', '--now', '-s', admin.url])).exit, 0);
    assert.equal(admin.asked.find(({ path }) => path === '/stop')?.body, '{"now":true}');
  });

  it('exits with 6 where the node is still there after --timeout, in the language asked for', async (t) => {
    const admin = await startLeaving(t, [statsOf(2)]);
    const { exit, err } = await cli(['stop', '--timeout', '300ms', '--lang', 'zh', '-s', admin.url]);
    assert.equal(exit, 6);
    assert.match(err, /正在排空：2 个客户端中还有 2 个/);
    assert.match(err, /在 300 毫秒内没有停止/);
    assert.match(err, /yunque stop --now/);
  });

  it('exits with 5 where nobody is there, and 4 without the key, and stops nothing', async (t) => {
    assert.equal((await cli(['stop'])).exit, 5);
    const denied = (_: unknown, response: never) => refuse(response, 401, { code: 'unauthorized', message: 'no' });
    const admin = await startFakeAdmin(t, { 'GET /version': denied, 'GET /stats': denied });
    assert.equal((await cli(['stop', '-s', admin.url])).exit, 4);
    assert.ok(!pathsOf(admin).includes('POST /stop'));
  });

  it('of a system is refused', async (t) => {
    const admin = await startLeaving(t, [statsOf(0)]);
    assert.equal((await cli(['stop', '-S', 'shop', '-s', admin.url])).exit, 2);
    assert.deepEqual(admin.asked, []);
  });

  it('asks which where several nodes are on this machine', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-cli-'));
    t.after(() => rm(folder, { recursive: true }));
    const run = join(folder, 'yunque');
    await mkdir(run);
    const nodes = await Promise.all([7001, 7002].map((port) => startFakeAdmin(t, {}, join(run, `${port}.sock`))));
    const { exit, err } = await cli(['stop'], { env: { XDG_RUNTIME_DIR: folder } });
    assert.equal(exit, 2);
    assert.match(err, /7001, 7002/);
    for (const node of nodes) assert.deepEqual(node.asked, []);
  });
});
