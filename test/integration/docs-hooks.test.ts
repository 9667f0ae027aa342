import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createHook } from '../../src/egress/hook.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, isFree } from '../support/services/free-port.ts';
import { requireTool } from '../support/tool.ts';

/** The hooks that docs/uplink.md shows, run as they stand but for the port. */
const languages = [
  { block: 'js', file: 'hook.mjs', program: process.execPath },
  { block: 'python', file: 'hook.py', program: 'python3' },
] as const;
const secret = 'a secret of thirty-two bytes and more';

async function blockOf(page: string, language: string): Promise<string> {
  const markdown = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return (
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(markdown)?.[1] ??
    assert.fail(`no ${language} in ${page}`)
  );
}

async function start(t: TestContext, { block, file, program }: (typeof languages)[number]): Promise<string> {
  if (program === 'python3') await requireTool('python3', 'python3');
  const folder = await mkdtemp(join(tmpdir(), 'yunque-hook-'));
  const port = await freePort();
  const code = await blockOf('uplink.md', block);
  await writeFile(join(folder, file), code.replace('8080', String(port)));
  const running = spawn(program, [join(folder, file)], {
    env: { ...process.env, HOOK_SECRET: secret },
    stdio: 'ignore',
  });
  t.after(async () => {
    running.kill();
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
    await rm(folder, { recursive: true, force: true });
  });
  await eventually(`${program} listens`, async () => !(await isFree(port)));
  return `http://127.0.0.1:${port}/`;
}

for (const language of languages) {
  test(`the hook of docs/uplink.md in ${language.block} answers what is signed, and nothing else`, async (t) => {
    const url = await start(t, language);
    const ask = async (key: string, options: { body?: string } = {}) => {
      const hook = createHook({ url, secret: key, timeoutMs: 5000 });
      const answer = await hook.ask('1', options.body ?? '{"uid":"alice","key":"k","data":{"n":1}}');
      await hook.close();
      return answer.is === 'answer' ? [answer.status, answer.text === '' ? '' : JSON.parse(answer.text)] : answer;
    };
    const data = { hello: 'alice', key: 'k', data: { n: 1 } };
    assert.deepEqual(await ask(secret), [200, { code: 200, data }]);
    assert.deepEqual(await ask('another secret of thirty-two bytes'), [401, '']);
    const unsigned = await fetch(url, { method: 'POST', body: '{}' });
    assert.equal(unsigned.status, 401);
    await unsigned.text();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 301_000 });
    assert.deepEqual(await ask(secret), [401, ''], 'signed too long ago');
    t.mock.timers.reset();
    assert.deepEqual(await ask(secret), [200, { code: 200, data }]);
  });

  test(`both pages show the same hook in ${language.block}`, async () => {
    assert.equal(await blockOf('uplink.zh-CN.md', language.block), await blockOf('uplink.md', language.block));
  });
}
