import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { startTestNode, type TestNode } from '../support/node.ts';
import { requireTool } from '../support/tool.ts';
import { join as connectAs } from '../support/ws-clients.ts';

/**
 * The `curl` examples of the documentation, run as they stand but for the port, with the clients there that they speak of:
 * alice, the system shop, `$CLIENT_ID` in it, `$KEY` of the operator. A comment behind an example is its answer. The command that makes
 * a key is run, too, and what it writes is there for those behind it.
 */
const run = promisify(execFile);
const pages = [
  'README.md',
  'README.zh-CN.md',
  'docs/http-api.md',
  'docs/http-api.zh-CN.md',
  'docs/coming-from-go-websocket.md',
  'docs/coming-from-go-websocket.zh-CN.md',
  'docs/coming-from-yunque-socket.md',
  'docs/coming-from-yunque-socket.zh-CN.md',
];
const program = new URL('../../src/main.ts', import.meta.url).pathname;
before(() => requireTool('curl', 'curl'));

interface Example {
  readonly command: string;
  /** The answer that the page prints; undefined: none. */
  readonly answer: string | undefined;
}

/** Every `curl` command of the page's shell blocks, with the lines it goes on over, and every one that makes a key. */
function examplesIn(markdown: string): Example[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => {
    const lines = block.replaceAll(/ *\\\n */g, ' ').split('\n');
    return lines.flatMap((command, at) => {
      if (!/^curl |^bin\/yunque system rotate-key /.test(command)) return [];
      const next = lines[at + 1] ?? '';
      return [{ command, answer: next.startsWith('# {') ? next.slice(2) : undefined }];
    });
  });
}

/** What differs from run to run, made the same: `…` in a page stands for the rest of an id. */
const plain = (answer: string) =>
  answer.replaceAll(/"(messageId|clientId)":"[^"]*"/g, '"$1":""').replaceAll(/\d{13}/g, 'TIME');

function shell(node: TestNode, command: string): string {
  return command
    .replace(/^bin\/yunque /, `"${process.execPath}" "${program}" -s ${node.url} `)
    .replace(/^curl /, `curl -sS --fail-with-body --noproxy '*' `)
    .replaceAll(/http:\/\/127\.0\.0\.1:(666|7001)\b/g, node.url);
}

/** A stream has no end: it is read until an event comes. */
async function readFirstEvent(node: TestNode, command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child: ChildProcess = spawn('sh', ['-c', `exec ${shell(node, command)}`], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  while (!out.includes('data: ') && child.exitCode === null) await (await connectAs(node, 'json')).close();
  child.kill('SIGKILL');
  await ended;
  return out;
}

for (const page of pages) {
  test(`the curl examples of ${page} do what it says`, async () => {
    const examples = examplesIn(await readFile(new URL(`../../${page}`, import.meta.url), 'utf8'));
    assert.ok(examples.length > 0, 'the page has examples');
    await using node = await startTestNode();
    const alice = await connectAs(node, 'yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd' } });
    const KEY = (await readFile(node.node.operator.keyFile!, 'utf8')).trim();
    const env: NodeJS.ProcessEnv = { ...process.env, KEY, YUNQUE_KEY: KEY };
    const cwd = await mkdtemp(join(tmpdir(), 'yunque-docs-'));
    for (const { command, answer } of examples) {
      if (command.includes('$CLIENT_ID')) {
        const [, system = 'default'] = /SystemId: (\w+)/.exec(command) ?? [];
        env['CLIENT_ID'] ??= (await connectAs(node, 'json', { system })).clientId;
      }
      if (command.includes(' -N ')) {
        assert.match(await readFirstEvent(node, command, env), /^data: \{/m, command);
        continue;
      }
      const { stdout } = await run('sh', ['-c', shell(node, command)], { env, cwd }).catch((error) => {
        throw new Error(`${command}\n${error.stdout}${error.stderr}`);
      });
      assert.doesNotMatch(stdout, /"code":-1/, command);
      if (answer !== undefined) assert.equal(plain(stdout), plain(answer), command);
    }
    await alice.close();
    await rm(cwd, { recursive: true });
  });
}
