import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { startFakeAdmin } from '../support/fake-admin.ts';
import { openTerminal } from '../support/pty.ts';

interface Result {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built binary without a terminal. */
async function top(...args: readonly string[]): Promise<Result> {
  return await runFile(await ensureBinary(), ['top', '--interval', '100ms', ...args]);
}

async function runFile(command: string, args: readonly string[]): Promise<Result> {
  return await new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
const escapes = /\u001b/;

test('without a terminal it prints one plain snapshot with rates, and exits 0', async () => {
  await using admin = await startFakeAdmin();
  const { code, stdout, stderr } = await top('-s', admin.url);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.doesNotMatch(stdout, escapes);
  assert.match(stdout, /^OK\nnodes 3\/3 {2}online 1,998 /);
  assert.match(stdout, /\nin\/s \d/);
  assert.match(stdout, /\nnode-b +serving /);
  assert.equal(admin.stats.asked, 2);
});

test('--max-refresh 1 asks once and has no rates', async () => {
  await using admin = await startFakeAdmin();
  const { stdout } = await top('-s', admin.url, '--max-refresh', '1');
  assert.match(stdout, /\nin\/s - {2}out\/s - {2}drops\/s -/);
  assert.equal(admin.stats.asked, 1);
});

test('JSON carries a schema, and nothing else is on standard output', async () => {
  await using admin = await startFakeAdmin();
  const { stdout } = await top('-s', admin.url, '--json');
  const answer = JSON.parse(stdout) as { schema: string; nodes: { node: string }[]; ratesPerSecond: { out: number } };
  assert.equal(answer.schema, 'yunque.top/1');
  assert.deepEqual(
    answer.nodes.map(({ node }) => node),
    ['node-a', 'node-b', 'node-c'],
  );
  assert.ok(answer.ratesPerSecond.out > 0);
});

test('csv has a line for each node, or for each client', async () => {
  await using admin = await startFakeAdmin();
  const nodes = (await top('-s', admin.url, '-o', 'csv')).stdout.split('\r\n');
  assert.match(nodes[0] ?? '', /^node,state,verdict,/);
  assert.equal(nodes.length, 5);
  const clients = await top('-s', admin.url, '-o', 'csv', '--view', 'clients', '--filter', 'queueBytes>1900000');
  assert.match(clients.stdout, /\r\n/);
  assert.equal(clients.stdout.trim().split('\r\n').length, 6);
  assert.doesNotMatch(clients.stdout, escapes);
});

test('names cannot write to the terminal from a snapshot either', async () => {
  await using admin = await startFakeAdmin();
  const { stdout } = await top('-s', admin.url, '--view', 'clients', '--filter', 'mallory');
  assert.match(stdout, /\nmallory /);
  assert.doesNotMatch(stdout, escapes);
});

test('--once and a named format need no screen, terminal or not', async () => {
  await using admin = await startFakeAdmin();
  const command = await ensureBinary();
  for (const flags of [['--once'], ['--json'], ['-o', 'table']]) {
    const args = ['top', '-s', admin.url, '--interval', '100ms', ...flags];
    await using terminal = await openTerminal({ command, args });
    assert.equal(await terminal.exit, 0);
    assert.ok(!terminal.output.includes('\u001b[?1049h'), flags.join(' '));
    assert.match(terminal.output, /node-a/);
  }
});

test('Ctrl-C between the samples ends it without a word, with exit 130', async () => {
  await using admin = await startFakeAdmin();
  const command = await ensureBinary();
  const args = ['top', '-s', admin.url, '--once', '--interval', '1m'];
  await using terminal = await openTerminal({ command, args });
  await terminal.until('the first sample', () => admin.stats.asked === 1);
  terminal.type('\u0003');
  assert.equal(await terminal.exit, 130);
  assert.equal(terminal.output.replace('^C', ''), '');
});

test('a server that cannot be reached is exit 5 and a message on standard error', async () => {
  const admin = await startFakeAdmin();
  await admin.stop();
  const { code, stdout, stderr } = await top('-s', admin.url);
  assert.equal(code, 5);
  assert.equal(stdout, '');
  assert.match(stderr, /cannot connect/);
});

test('flags that cannot be meant are exit 2', async () => {
  for (const flags of [
    ['--interval', '10ms'],
    ['--view', 'nothing'],
    ['--max-refresh', '0'],
  ]) {
    const { code, stderr } = await top(...flags);
    assert.equal(code, 2, flags.join(' '));
    assert.match(stderr, /invalid/);
  }
});

test('nodes that did not answer are named, and the exit is 7', async () => {
  await using admin = await startFakeAdmin({ missingNodes: ['node-z'] });
  const { code, stdout, stderr } = await top('-s', admin.url, '--max-refresh', '1');
  assert.equal(code, 7);
  assert.match(stdout, /nodes 3\/4/);
  assert.match(stderr, /node-z/);
});

test('every view has rows for people and for programs', async () => {
  await using admin = await startFakeAdmin();
  for (const [view, first] of [
    ['groups', 'group,system,members'],
    ['systems', 'system,'],
    ['messages', 'time,node,system,direction,'],
    ['slow', 'cid,'],
    ['events', 'time,node,sequence,type,'],
    ['queues', 'node,way,name,'],
  ] as const) {
    const { code, stdout } = await top('-s', admin.url, '--view', view, '-o', 'csv', '--max-refresh', '1');
    assert.equal(code, 0, view);
    assert.ok(stdout.startsWith(first), `${view}: ${stdout.slice(0, 60)}`);
    if (view !== 'queues') assert.ok(stdout.trim().split('\r\n').length > 2, view);
  }
});

test('a recording is made without a screen, never over another, and shown again without a server', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-top-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'top.ndjson');
  await using admin = await startFakeAdmin();
  const made = await top('-s', admin.url, '--view', 'groups', '--record', file);
  assert.equal(made.code, 0);
  const again = await top('-s', admin.url, '--record', file);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists/);
  await admin.stop();
  const shown = await top('--replay', file, '--view', 'groups');
  assert.equal(shown.code, 0);
  assert.equal(shown.stdout, made.stdout);
  const args = ['top', '--replay', file, '--view', 'groups'];
  await using terminal = await openTerminal({ command: await ensureBinary(), args });
  await terminal.shows(/REPLAY 1x END/);
  await terminal.shows(/room-1 /);
  terminal.type('x');
  await terminal.shows(/a recording is shown/);
  terminal.type('q');
  assert.equal(await terminal.exit, 0);
  await writeFile(file, 'nothing of ours\n');
  const refused = await top('--replay', file);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /top\.ndjson, line 1: this is no recording/);
  assert.doesNotMatch(refused.stderr, /at .*:\d+:\d+/);
});

test('a recording that the disk has no room for is no success, with the reason, and the snapshot is printed all the same', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-top-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await using admin = await startFakeAdmin();
  const line = `ulimit -f 1; exec "${await ensureBinary()}" top -s ${admin.url} --max-refresh 1 --record "${join(folder, 'top.ndjson')}"`;
  const { code, stdout, stderr } = await runFile('sh', ['-c', line]);
  assert.equal(code, 1);
  assert.match(stdout, /nodes 3\/3/);
  assert.match(stderr, /the recording has ended before its time: .*EFBIG/);
});
