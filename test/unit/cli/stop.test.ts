import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { leaveRunEnd } from '../../../src/cli/run-end.ts';
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
    'POST /stop': { clients: 2, hardLimitMs: 30_000, dataDirectory: '/nonexistent' },
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

describe('how a node on this machine has ended', { timeout: 20_000 }, () => {
  const startedAt = 1;

  /** A process in the place of a node, which stays until it is ended; `leave` is what it leaves in its data directory. */
  async function startEnding(
    t: TestContext,
    leave: (folder: string, pid: number) => Promise<unknown>,
    { stays = false } = {},
  ) {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-cli-'));
    const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    t.after(async () => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true });
    });
    const { pid = 0 } = child;
    await writeFile(join(folder, 'pid'), `${pid}\n`);
    let isAsked = false;
    const admin = await startFakeAdmin(t, {
      'GET /version': { node: 'n1' },
      'GET /stats': async () => {
        if (!isAsked) return { schema: 'yunque.stats/1', nodes: [{ node: 'n1', pid, startedAt }] };
        await leave(folder, pid);
        if (!stays) child.stdin.end();
        return { schema: 'yunque.stats/1', nodes: [] };
      },
      'POST /stop': () => {
        isAsked = true;
        return { clients: 0, hardLimitMs: 30_000, dataDirectory: folder };
      },
    });
    return { url: admin.url, folder, child };
  }
  const leaves = (end: object) => async (folder: string, pid: number) => {
    leaveRunEnd(folder, { pid, startedAt }, { exit: 0, ...end });
    await rm(join(folder, 'pid'));
  };

  it('well: 0; with 1 as it failed to stop: 1, and why, in the language asked for', async (t) => {
    const well = await startEnding(t, leaves({}));
    assert.equal((await cli(['stop', '-s', well.url])).exit, 0);
    for (const [lang, words] of [
      ['en', /node n1 is gone, but did not stop cleanly: stuck.*\n.*its log/],
      ['zh', /未能正常停止：stuck/],
    ] as const) {
      const badly = await startEnding(t, leaves({ exit: 1, why: 'stuck' }));
      const { exit, err, out } = await cli(['stop', '--lang', lang, '-s', badly.url]);
      assert.deepEqual([exit, out], [1, '']);
      assert.match(err, words);
    }
  });

  it('killed, which leaves no word and its number: 1', async (t) => {
    const killed = await startEnding(t, async () => {});
    const { exit, err } = await cli(['stop', '-s', killed.url]);
    assert.equal(exit, 1);
    assert.match(err, /its process was killed or crashed/);
  });

  it('is not told by the word of another run, nor by one that cannot be read', async (t) => {
    const other = await startEnding(t, async (folder, pid) => {
      leaveRunEnd(folder, { pid, startedAt: 2 }, { exit: 1, why: 'long ago' });
      await rm(join(folder, 'pid'));
    });
    assert.equal((await cli(['stop', '-s', other.url])).exit, 0);
    const broken = await startEnding(t, async (folder) => {
      await writeFile(join(folder, 'last-end.json'), '{');
      await rm(join(folder, 'pid'));
    });
    assert.equal((await cli(['stop', '-s', broken.url])).exit, 0);
  });

  it('is waited for as long as the process has its data directory: 6 where it goes on after its doors are closed', async (t) => {
    const stuck = await startEnding(t, async () => {}, { stays: true });
    const { exit } = await cli(['stop', '--timeout', '300ms', '-s', stuck.url]);
    assert.equal(exit, 6);
  });
});
