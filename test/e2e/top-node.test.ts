import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { test } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { startTestNode } from '../support/node.ts';
import { openTerminal } from '../support/pty.ts';
import { join } from '../support/ws-clients.ts';

test('a real node: a message, its live copy, and a kick reach the client that is selected', async () => {
  await using node = await startTestNode();
  const alice = await join(node, 'yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd' } });
  const folder = await mkdtemp(joinPath(tmpdir(), 'yunque-top-'));
  try {
    const { socketFile = '' } = node.node.operator;
    const args = ['top', '-s', `unix:${socketFile}`, '--interval', '100ms', '--view', 'clients'];
    await using terminal = await openTerminal({ command: await ensureBinary(), args, columns: 200 });
    await terminal.shows(/› alice/);
    terminal.type('mhello there\r');
    await terminal.shows(/delivered 1 of 1/);
    assert.match(JSON.stringify((await alice.message()).body), /hello there/);
    terminal.type('t');
    // The tap is there when its copies come.
    const again = setInterval(
      () => void node.admin.send({ target: { to: 'users', uids: ['alice'] }, push: { data: 'copied' } }),
      50,
    );
    await terminal.shows(/copied/).finally(() => clearInterval(again));
    terminal.type('\u001b');
    await terminal.shows(/› alice/);
    terminal.type('S\u0015');
    terminal.type(`${joinPath(folder, 'saved.json')}\r`);
    await terminal.shows(/saved .*saved/s);
    const saved = JSON.parse(await readFile(joinPath(folder, 'saved.json'), 'utf8')) as {
      schema: string;
      clients: object[];
    };
    assert.equal(saved.schema, 'yunque.top/1');
    assert.equal(saved.clients.length, 1);
    assert.equal((await stat(joinPath(folder, 'saved.json'))).mode & 0o777, 0o600);
    terminal.type('x');
    await terminal.shows(/disconnect .*alice/i);
    terminal.type('y');
    assert.equal((await alice.closed).code, 4503);
    await terminal.shows(/1 connection closed/);
    await terminal.shows('no client is connected');
    terminal.type('7');
    await terminal.shows(/kicked/);
    // Two keys in one piece.
    terminal.type('\rq');
    assert.equal(await terminal.exit, 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a real node: the counts, the client with its name, and the messages as they go', async () => {
  const command = await ensureBinary();
  await using node = await startTestNode();
  const client = spawn(command, ['connect', '--uid', '王小明', '-s', node.url], { stdio: 'ignore' });
  try {
    const { socketFile = '' } = node.node.operator;
    const args = ['top', '-s', `unix:${socketFile}`, '--interval', '100ms', '--view', 'clients'];
    await using terminal = await openTerminal({ command, args });
    await terminal.shows(/● OK/);
    await terminal.shows(/nodes {6}1\/1 {2}online {7}1 {2}users {8}1 /);
    await terminal.shows(/› 王小明 +127\.0\.0\.1 /);
    for (let i = 0; i < 20; i++) await node.admin.send({ target: { to: 'system' }, message: { action: 'hello' } });
    await terminal.shows(/› 王小明 .* 20 +0$/m);
    await terminal.until('the messages in the sparkline', () => /out\/s .*[▂▃▄▅▆▇█]/.test(terminal.screen.text));
    await terminal.shows(/delivered +100 %/);
    client.kill('SIGTERM');
    await terminal.shows('no client is connected');
    terminal.type('q');
    assert.equal(await terminal.exit, 0);
  } finally {
    client.kill('SIGKILL');
    if (client.exitCode === null && client.signalCode === null) await once(client, 'exit');
  }
});
