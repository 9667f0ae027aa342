import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { eventually } from '../support/eventually.ts';
import { requireTool } from '../support/tool.ts';
import { createYunque } from './cli-binary.ts';

const has = async (file: string, text: string | RegExp) =>
  existsSync(file) && new RegExp(text).test(await readFile(file, 'utf8'));

describe('serve with log files', { timeout: 120_000 }, () => {
  it('writes there and not to standard output, and SIGHUP opens the file again', async (t) => {
    const { home, start, run } = await createYunque(t);
    const [file, errors] = [join(home, 'node.log'), join(home, 'errors.log')];
    const settings = ['--set', `log.file=${file}`, '--set', `log.errorFile=${errors}`];
    const node = start(['serve', '0', '--host', '127.0.0.1', ...settings]);
    await eventually('it serves', () => has(file, '"msg":"serving"'));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await rename(file, `${file}.moved`);
    node.process.kill('SIGHUP');
    await eventually('the file is opened again', () => has(file, 'configuration read again'));
    assert.equal((await run(['stats'])).code, 0, 'it still serves');
    assert.equal((await run(['stop'])).code, 0);
    const { code, out, err } = await node.done;
    assert.deepEqual([code, out, err], [0, '', '']);
    assert.match(await readFile(file, 'utf8'), /"msg":"stopped"}\n$/);
    assert.doesNotMatch(await readFile(`${file}.moved`, 'utf8'), /stopping/);
    assert.equal(await has(errors, '.'), false);
  });

  it('on standard output that nobody reads delivers all the same, counts what is lost, and ends', async (t) => {
    const { home, run } = await createYunque(t);
    const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), LANG: 'C' };
    const args = ['serve', '0', '--host', '127.0.0.1', '--set', 'log.level=trace'];
    const child = spawn(await ensureBinary(), args, { env, stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    child.stdout.pause();
    const ended = once(child, 'exit');
    await eventually('it serves', async () => (await run(['stats'])).code === 0);
    const { addresses } = JSON.parse((await run(['stats', '--json'])).out).nodes[0];
    const lost = async () => JSON.parse((await run(['stats', '--json'])).out).nodes[0].lostLogLines.output;
    // Each refusal is a line of level debug.
    const refused = `${addresses[0]}/${'x'.repeat(200)}`;
    for (let n = 0; (await lost()) === 0 && n < 100; n++) {
      await Promise.all(Array.from({ length: 500 }, async () => (await fetch(refused)).text()));
    }
    assert.match(err, /^standard output cannot be written, so lines are lost: nobody reads it\n$/);
    assert.equal((await run(['send', '--uid', 'alice', 'x', '--allow-offline'])).code, 0);
    assert.match((await run(['stats'])).out, /log lines lost +output/);
    assert.equal((await run(['stop'])).code, 0);
    assert.deepEqual(await ended, [0, null]);
  });

  it('on standard output that is full, or closed, delivers all the same', async (t) => {
    const { home, run } = await createYunque(t);
    const bash = await requireTool('bash', 'bash');
    const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), LANG: 'C' };
    const words: readonly (readonly [output: string, said: RegExp])[] = [
      ['> /dev/full', /^standard output cannot be written, so lines are lost: ENOSPC[^\n]*\n$/],
      ['> >(exit)', /^standard output cannot be written, so lines are lost: write EPIPE\n$/],
      ['>&-', /^$/],
    ];
    for (const [output, said] of words) {
      const args = ['serve', '0', '--host', '127.0.0.1', '--set', 'log.level=debug'];
      const child = spawn(bash, ['-c', `exec "$@" ${output}`, 'bash', await ensureBinary(), ...args], {
        env,
        stdio: ['ignore', 'inherit', 'pipe'],
      });
      t.after(() => child.kill('SIGKILL'));
      let err = '';
      child.stderr?.on('data', (chunk) => (err += chunk));
      const ended = once(child, 'close');
      await eventually('it serves', async () => (await run(['stats'])).code === 0);
      assert.equal((await run(['send', '--uid', 'alice', 'x', '--allow-offline'])).code, 0, output);
      assert.equal((await run(['stop'])).code, 0, output);
      assert.deepEqual(await ended, [0, null], `${output}: ${err}`);
      assert.match(err, said, output);
    }
  });

  it('of which none can be written delivers all the same, and says so once', async (t) => {
    const { home, run, start } = await createYunque(t);
    const bash = await requireTool('bash', 'bash');
    const file = join(home, 'full.log');
    const limitKiB = 256;
    await writeFile(file, '.'.repeat(limitKiB * 1024));
    // A disk is full for this file alone: it is as large as files may become.
    const script = `trap '' XFSZ; ulimit -f ${limitKiB}; exec "$@"`;
    const args = ['serve', '0', '--host', '127.0.0.1', '--set', `log.file=${file}`, '--set', 'log.level=debug'];
    const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), LANG: 'C' };
    const child = spawn(bash, ['-c', script, 'bash', await ensureBinary(), ...args], { env, stdio: 'pipe' });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    await eventually('it serves', async () => (await run(['stats'])).code === 0);
    const client = start(['connect', '--uid', 'alice']);
    await client.says('client_bind');
    for (let n = 0; n < 3; n++) assert.equal((await run(['send', '--uid', 'alice', `hello ${n}`])).code, 0);
    await client.says('hello 2');
    const exit = once(child, 'exit');
    assert.equal((await run(['stop'])).code, 0);
    assert.deepEqual(await exit, [0, null]);
    assert.match(said, /^the log file \S+full\.log cannot be written, so lines are lost: EFBIG[^\n]*\n$/);
    assert.equal((await stat(file)).size, limitKiB * 1024);
  });

  it('that cannot start says why in the terminal, and ends at once', async (t) => {
    const { home, run } = await createYunque(t);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const ran = await run(['serve', String(port), '--host', '127.0.0.1', '--set', `log.file=${join(home, 'log')}`]);
    assert.equal(ran.code, 1);
    assert.match(ran.err, /is in use/);
  });
});
