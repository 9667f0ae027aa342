import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { eventually } from '../support/eventually.ts';
import { requireTool } from '../support/tool.ts';
import { createYunque } from './cli-binary.ts';

describe('a node with a configuration file', { timeout: 120_000 }, () => {
  it('reads it again at `yunque reload` and at SIGHUP, from where it was started, and stays with what it has where it is wrong', async (t) => {
    const { home, run, serve } = await createYunque(t);
    const file = join(home, 'node.yaml');
    await writeFile(file, 'log.level: info\n', { mode: 0o600 });
    const node = await serve(['--config', 'node.yaml', '--set', 'groups.notices=false']);

    // Not from where the command is.
    const elsewhere = { cwd: '/' };
    await writeFile(file, 'log.level: debug\nlimits.batch: 7\ngroups.notices: true\n');
    const changed = await run(['reload', '--json'], elsewhere);
    assert.equal(changed.code, 0, changed.err);
    assert.deepEqual(JSON.parse(changed.out).items, [
      { key: 'limits.batch', old: 1000, new: 7, effect: 'needs_restart' },
      { key: 'log.level', old: 'info', new: 'debug', effect: 'applied' },
    ]);

    await writeFile(file, 'log.level: loud\nno.such: 1\n');
    const wrong = await run(['reload'], elsewhere);
    assert.equal(wrong.code, 78);
    assert.match(wrong.err, /^node\.yaml:1:\d+: log\.level: .*"loud"$/m);
    assert.match(wrong.err, /^node\.yaml:2:\d+: unknown key "no\.such"/m);
    node.process.kill('SIGHUP');
    await eventually('it says why not', () => node.out().split('"msg":"not reloaded"').length === 3);

    await writeFile(file, 'log.level: warn\n');
    node.process.kill('SIGHUP');
    await eventually('it is quiet now', async () => (await run(['reload', '--json'])).out.includes('"total":0'));
    assert.equal((await run(['stop'])).code, 0);
    assert.equal((await node.done).code, 0);
  });

  it('names everything that is wrong with the files it names at once, at the start and at a reload', async (t) => {
    const { home, run, serve } = await createYunque(t);
    const file = join(home, 'node.yaml');
    await writeFile(file, 'log.level: info\n');
    await serve(['--config', file]);
    await writeFile(
      file,
      'tls: {cert: /nowhere.crt, key: /nowhere.key}\noperator.group: no-such-group\nauth.tokens:\n  - {type: redis, urlFile: /nowhere}\n',
    );
    for (const words of [['reload'], ['serve', '0', '--config', file], ['config', 'check', file]]) {
      const { code, err } = await run(words);
      assert.equal(code, 78, err);
      const found = [...err.matchAll(/node\.yaml:(\d+):\d+: ([\w.[\]]+): /g)].map(([, line, key]) => `${line} ${key}`);
      assert.deepEqual(
        found,
        ['1 tls.cert', '1 tls.key', '2 operator.group', '4 auth.tokens[0].urlFile'],
        words.join(' '),
      );
    }
  });

  it('in the background is reloaded as well', async (t) => {
    const { home, run } = await createYunque(t);
    const file = join(home, 'node.yaml');
    await writeFile(file, 'probe.interval: 5s\n', { mode: 0o600 });
    const started = await run(['serve', '0', '--detach', '--data-dir', join(home, 'data'), '--config', file, '--json']);
    assert.equal(started.code, 0, started.err);
    const { pid } = JSON.parse(started.out);
    t.after(() => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    });
    await writeFile(file, 'probe.interval: 6s\n');
    process.kill(pid, 'SIGHUP');
    const log = () => readFile(join(home, 'data', 'yunque.log'), 'utf8');
    await eventually('it is read again', async () => /"setting":"probe.interval".*"new":"6s"/.test(await log()));
    const audit = () => readFile(join(home, 'data', 'audit.jsonl'), 'utf8').catch(() => '');
    await eventually('it is written down', async () => (await audit()) !== '');
    assert.match(await audit(), /"by":\{"kind":"signal","signal":"SIGHUP"\},"action":"reload","outcome":"ok"/);
    assert.equal((await run(['stop'])).code, 0);
  });
});

describe('SIGHUP', { timeout: 120_000 }, () => {
  it('ends a node on a terminal, whose end it is, and reloads one that has none', async (t) => {
    const { home, run, serve } = await createYunque(t);
    const node = await serve();
    node.process.kill('SIGHUP');
    await eventually('it reloads', () => node.out().includes('configuration read again'));
    assert.equal((await run(['stop'])).code, 0);

    const script = await requireTool('script', 'bsdutils');
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_RUNTIME_DIR: join(home, 'run'),
      LANG: 'C',
      SHELL: '/bin/sh',
    };
    const command = `exec ${await ensureBinary()} serve 0 --host 127.0.0.1 -q`;
    const terminal = spawn(script, ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => terminal.kill('SIGKILL'));
    const ended = once(terminal, 'exit');
    await eventually('it serves', async () => (await run(['stats'])).code === 0);
    const { pid } = JSON.parse((await run(['stats', '--json'])).out).nodes[0];
    process.kill(pid, 'SIGHUP');
    assert.deepEqual(await ended, [0, null]);
  });
});
