import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { createRpcCluster } from '../support/rpc-cluster.ts';

test('a process that stands still is found out within the length of a lease, and joins anew when it goes on', async (t) => {
  await using cluster = createRpcCluster();
  const peers = await cluster.join('a');
  const log: string[] = [];
  await peers.start({
    onJoin: ({ id }) => log.push(`+${id}`),
    onLeave: ({ id }) => log.push(`-${id}`),
    onTell: () => {},
    onAsk: async (_, bytes) => bytes,
  });
  const members = JSON.stringify([{ ...peers.self, ...peers.advertised }]);
  const script = join(import.meta.dirname, '../support/rpc-child.ts');
  const child = fork(script, ['b', '7', cluster.secret.toString('hex'), members]);
  t.after(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  await eventually('it has joined', () => log.includes('+b'));
  child.kill('SIGSTOP');
  const begun = performance.now();
  const asked = peers.ask(['b'], Buffer.from('x'), { deadlineMs: 60_000 });
  await eventually('it is found out', () => log.includes('-b'));
  assert.ok(performance.now() - begun < 7000);
  assert.deepEqual((await asked).missing, ['b']);
  child.kill('SIGCONT');
  await eventually('it is back', () => log.length === 3);
  assert.deepEqual(log, ['+b', '-b', '+b']);
  const { answers } = await peers.ask(['b'], Buffer.from('again'), { deadlineMs: 60_000 });
  assert.equal(String(answers.get('b')), 'again');
});
