import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { startTestNode } from '../support/node.ts';
import { openTerminal } from '../support/pty.ts';

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
    await terminal.shows(/› 王小明 +127\.0\.0\.1 +yunque/);
    for (let i = 0; i < 20; i++) await node.admin.send({ target: { to: 'system' }, message: { action: 'hello' } });
    await terminal.shows(/› 王小明 .* 20 +0$/m);
    await terminal.until('the messages in the sparkline', () => /out\/s .*[▂▃▄▅▆▇█]/.test(terminal.screen.text));
    await terminal.shows(/delivered 100 %/);
    client.kill('SIGTERM');
    await terminal.shows('no client is connected');
    terminal.type('q');
    assert.equal(await terminal.exit, 0);
  } finally {
    client.kill('SIGKILL');
    if (client.exitCode === null && client.signalCode === null) await once(client, 'exit');
  }
});
