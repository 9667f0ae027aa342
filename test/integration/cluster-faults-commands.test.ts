import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type ClusterProcess, serversFor, startCluster } from '../support/cluster-process.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { freePort } from '../support/services/free-port.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** A command line of an operator on the machine of the node. */
async function run(node: ClusterProcess, line: string) {
  const folder = dirname(node.dataDirectory);
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, LANG: 'C' };
  const child = spawn(process.execPath, [main, ...line.split(' '), '-s', String(node.port), '--timeout', '20s'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exit: child.exitCode, out, err };
}

/** Of each command: its exit code. Two at a time. */
async function runAll(node: ClusterProcess, lines: readonly string[]) {
  const rest = [...lines];
  const ran = new Map<string, Awaited<ReturnType<typeof run>>>();
  const runNext = async (): Promise<void> => {
    const line = rest.shift();
    if (line === undefined) return;
    ran.set(line, await run(node, line));
    await runNext();
  };
  await Promise.all([runNext(), runNext()]);
  return ran;
}

test('commands at a node that cannot ask the other say so, exit with 7, and call nobody absent who is there', async (t) => {
  const { redis } = await serversFor(t, 'redis');
  const ports = await Promise.all([0, 1].map(() => freePort()));
  const proxies = await Promise.all(ports.map((port) => startFaultProxy(t, { port })));
  const setOf = (index: number) => [
    `cluster.rpcPort=${ports[index]}`,
    `cluster.advertise=127.0.0.1:${proxies[index]?.port}`,
  ];
  const cluster = await startCluster(t, { redis, setOf });
  const [first, second] = [cluster.node(0), cluster.node(1)];
  const eve = await second.join('yunque', { bind: { uid: 'eve', channel: 'android', deviceId: 'phone' } });
  await first.join('yunque', { bind: { uid: 'alice', channel: 'android', deviceId: 'phone' } });
  await second.admin.join('room', { uids: ['eve'] });
  const { clientId } =
    (await second.admin.connections({ where: [{ field: 'uid', op: '=', value: 'eve' }] })).items[0] ?? {};
  assert.ok(clientId !== undefined);

  const whole = await runAll(first, ['user online eve', 'user show eve', 'client ls', 'user show nobody']);
  assert.deepEqual([...whole].map(([line, { exit }]) => `${line}: ${exit}`).sort(), [
    ...['client ls: 0', 'user online eve: 0', 'user show eve: 0', 'user show nobody: 3'],
  ]);
  const nodes = [first.id, second.id];
  const columns = whole.get('client ls')?.out.split('\n') ?? [];
  for (const node of nodes)
    assert.ok(
      columns.some((line) => line.includes(` ${node} `)),
      'each client with its node',
    );
  assert.match(whole.get('user show eve')?.out ?? '', new RegExp(`^nodes +${second.id}$`, 'm'));

  await Promise.all(proxies.map((proxy) => proxy.refuse()));
  await eventually('the other is missing', async () => (await first.admin.stats()).missingNodes.join() === second.id);
  const answers = [
    ...['user online eve', 'user ls', 'client ls', 'group ls', 'group members room', 'system ls', 'node ls'],
    ...['user kick eve --yes', 'group join room --uid eve', 'group leave room --uid eve', 'group rm room --yes'],
    `client kick ${clientId} --yes`,
  ];
  const shows = ['user show eve', 'user show nobody', 'group show room', `client show ${clientId}`];
  const cut = await runAll(first, [...answers, ...shows]);
  for (const [line, { exit, err }] of cut) {
    assert.equal(exit, 7, `${line}\n${err}`);
    assert.match(err, new RegExp(`no answer from ${second.id}`), line);
  }
  assert.match(cut.get('user online eve')?.out ?? '', /^eve +\? +\?$/m);
  for (const line of shows)
    assert.match(cut.get(line)?.err ?? '', /^error: not found where it could be looked for/, line);
  const { exit, out } = await run(first, 'user show alice --json');
  assert.deepEqual([exit, JSON.parse(out).missingNodes], [7, [second.id]]);
  assert.equal(eve.ended, undefined, 'she was there all the time');

  await Promise.all(proxies.map((proxy) => proxy.pass()));
  await cluster.whenWhole();
  second.signal('SIGSTOP');
  const stopped = await runAll(first, ['user online eve', 'user kick eve --yes']);
  second.signal('SIGCONT');
  for (const [line, { exit, err }] of stopped) {
    assert.equal(exit, 7, `${line}\n${err}`);
    assert.match(err, new RegExp(`no answer from ${second.id}`), line);
  }
});
