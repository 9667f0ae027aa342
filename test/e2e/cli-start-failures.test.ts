import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createYunque, type Finished } from './cli-binary.ts';

/** An operator's mistake: one line that says what, no stack. */
function assertPlain({ err }: Finished): void {
  assert.doesNotMatch(err, /\n\s+at /, err);
  assert.ok(err.trim() !== '', 'it says nothing');
}

/** Somebody without privileges, where the tests run as root. */
const nobody = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

describe('serve', { timeout: 120_000 }, () => {
  it('names the port that is taken, and exits with 1', async (t) => {
    const { run } = await createYunque(t);
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const ran = await run(['serve', String(port), '--host', '127.0.0.1']);
    assert.equal(ran.code, 1, ran.out + ran.err);
    assert.match(ran.err + ran.out, new RegExp(String(port)));
    assertPlain(ran);
  });

  it('below port 1024 without the privilege explains the ways out, and exits with 1', async (t) => {
    const { home, run } = await createYunque(t);
    if (Number(await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').catch(() => '1024')) <= 666) {
      t.diagnostic('every port is open to everybody on this machine: nothing to refuse');
      return;
    }
    await chmod(home, 0o777);
    await chmod(join(home, 'run'), 0o777);
    const ran = await run(['666', '--data-dir', join(home, 'data')], isRoot ? nobody : {});
    assert.equal(ran.code, 1, ran.out + ran.err);
    assert.match(ran.err, /666/);
    assert.match(ran.err, /setcap|CAP_NET_BIND_SERVICE/i);
    assert.match(ran.err, /ip_unprivileged_port_start|7001|1024/);
    assertPlain(ran);
  });

  it('with a mistake in its configuration names file, line and the nearest key, and exits with 78', async (t) => {
    const { home, run } = await createYunque(t);
    const file = join(home, 'config.yaml');
    await writeFile(file, 'log:\n  levle: debug\n');
    const ran = await run(['serve', '0', '--config', file]);
    assert.equal(ran.code, 78, ran.out + ran.err);
    assert.match(ran.err, /config\.yaml:2/);
    assert.match(ran.err, /level/);
    assertPlain(ran);
    assert.equal((await run(['serve', '0', '--config', join(home, 'none.yaml')])).code, 78);
    assert.equal((await run(['serve', '0', '--set', 'log.level=loud'])).code, 78);
  });

  it('names the data directory that cannot be written, and exits with 1', async (t) => {
    const { home, run } = await createYunque(t);
    const folder = join(home, 'locked');
    await mkdir(folder, { mode: 0o555 });
    await chmod(home, 0o755);
    const ran = await run(['serve', '0', '--data-dir', join(folder, 'data')], isRoot ? nobody : {});
    assert.equal(ran.code, 1, ran.out + ran.err);
    assert.ok(ran.err.includes(folder), ran.err);
    assertPlain(ran);
  });

  it('names the data directory another node has, and exits with 78', async (t) => {
    const { home, run, serve } = await createYunque(t);
    const folder = join(home, 'data');
    await serve(['--data-dir', folder]);
    const ran = await run(['serve', '0', '--host', '127.0.0.1', '--data-dir', folder]);
    assert.equal(ran.code, 78, ran.out + ran.err);
    assert.ok(ran.err.includes(folder), ran.err);
    assertPlain(ran);
  });

  it('on a copy of the data directory of a node that runs names the original, and exits with 78', async (t) => {
    const { home, run, serve } = await createYunque(t);
    const [original, copy] = [join(home, 'data'), join(home, 'copy')];
    const node = await serve(['--data-dir', original]);
    await cp(original, copy, { recursive: true });
    const ran = await run(['serve', '0', '--host', '127.0.0.1', '--data-dir', copy]);
    assert.equal(ran.code, 78, ran.out + ran.err);
    for (const path of [original, join(copy, 'node-id')]) assert.ok(ran.err.includes(path), ran.err);
    assertPlain(ran);
    assert.equal((await run(['stop', '--now'])).code, 0);
    assert.equal((await node.done).code, 0);
    await serve(['--data-dir', copy]);
  });
});
