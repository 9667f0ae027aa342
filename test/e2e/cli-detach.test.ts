import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createYunque } from './cli-binary.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Ends what a test left in the background. */
function endAfter(t: TestContext, pid: number): void {
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
}

describe('serve --detach', { timeout: 120_000 }, () => {
  it('returns when the node serves, says where it is, and stop ends it', async (t) => {
    const { home, run } = await createYunque(t);
    const data = join(home, 'data');
    const ran = await run(['serve', '0', '--host', '127.0.0.1', '--detach', '--data-dir', data, '--json']);
    assert.equal(ran.code, 0, ran.err);
    const { schema, port, pid, dataDirectory, log, node } = JSON.parse(ran.out);
    endAfter(t, pid);
    assert.deepEqual([schema, dataDirectory, log], ['yunque.detached/1', data, join(data, 'yunque.log')]);
    assert.match(ran.err, new RegExp(`yunque stop -s ${port}`));
    assert.equal(Number(await readFile(join(data, 'pid'), 'utf8')), pid);
    assert.equal((await stat(log)).mode & 0o777, 0o600);
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    assert.match(await readFile(log, 'utf8'), new RegExp(`"node":"${node}".*"msg":"serving"`));
    if (process.platform === 'linux') {
      // A session of its own: the terminal it was started from may close.
      assert.equal((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[3], String(pid));
    }
    assert.equal((await run(['stop'])).code, 0);
    assert.ok(!existsSync(join(data, 'pid')));
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
    assert.match(await readFile(log, 'utf8'), /"msg":"stopped"/);
  });

  it('does so from source too', async (t) => {
    const { home, run } = await createYunque(t);
    const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), LANG: 'C' };
    const args = [main, 'serve', '0', '--host', '127.0.0.1', '--detach', '--data-dir', join(home, 'data'), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: home });
    const { pid } = JSON.parse(stdout);
    endAfter(t, pid);
    assert.match(await readFile(`/proc/${pid}/cmdline`, 'utf8'), /src\/main\.ts/);
    assert.equal((await run(['stop', '--now'])).code, 0);
  });

  it('says why a node cannot start, in the words and with the exit code of serve', async (t) => {
    const { home, run } = await createYunque(t);
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const args = [String(port), '--host', '127.0.0.1', '--data-dir', join(home, 'data')];
    const [attached, detached] = [await run(['serve', ...args]), await run(['serve', ...args, '--detach'])];
    assert.deepEqual([detached.code, detached.out, detached.err], [1, '', attached.err]);
    // What an earlier one said is not said again.
    assert.equal((await run([...args, '--detach'])).err, attached.err);
    assert.equal((await run(['serve', '0', '--detach', '--set', 'log.level=loud'])).code, 78);

    const file = join(home, 'a-file');
    await mkdir(join(file, 'yunque.log'), { recursive: true });
    const unwritable = await run(['serve', '7001', '--detach', '--data-dir', file]);
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.err, /cannot write .*yunque\.log/);
    assert.doesNotMatch(unwritable.err, /\n\s+at /);
  });

  it('names the node that serves the port already, and its data directory in full', async (t) => {
    const { home, run } = await createYunque(t);
    const first = await run(['serve', '0', '--detach', '--host', '127.0.0.1', '--data-dir', 'data', '--json']);
    assert.equal(first.code, 0, first.err);
    const { port, node, pid, dataDirectory } = JSON.parse(first.out);
    t.after(() => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    });
    assert.equal(dataDirectory, join(home, 'data'));
    const again = await run(['serve', String(port), '--detach', '--host', '127.0.0.1', '--data-dir', 'other']);
    assert.equal(again.code, 1);
    assert.match(again.err, new RegExp(`the yunque node ${node} serves port ${port} already; yunque stats -s ${port}`));
    assert.equal((await run(['stop', '--now', '-s', String(port)])).code, 0);
  });

  it('needs a port or a data directory', async (t) => {
    const { home, run } = await createYunque(t);
    const { code, err } = await run(['serve', '0', '--detach']);
    assert.equal(code, 2, err);
    assert.match(err, /--data-dir/);
    assert.ok(!existsSync(join(home, '.local')));
  });
});
