import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startWorkers, type WorkerNodeOptions } from '../support/worker-node.ts';

const push = (msg: string) => ({ target: { to: 'system' as const }, push: { msg } });

/** Workers of which one stands still, as after `kill -STOP`. */
async function withOneStanding(t: TestContext, options: WorkerNodeOptions = {}) {
  const node = await startWorkers(t, options);
  const crowd = await node.crowd();
  const [standing, other] = await node.nodes();
  assert.ok(standing !== undefined && other !== undefined);
  await stop(t, standing.pid);
  return { node, crowd, standing, other, goOn: () => process.kill(standing.pid, 'SIGCONT') };
}

async function stop(t: TestContext, pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended with its supervisor.
    }
  });
  await eventually('it stands still', () => stateOf(pid) === 'T');
}

/** Of all threads: a signal reaches them one after the other. */
function stateOf(pid: number): string {
  const states = readdirSync(`/proc/${pid}/task`).map((task) => {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'))?.[1];
  });
  return new Set(states).size === 1 ? String(states[0]) : '';
}

test('a worker that stands still is passed over: every command is answered, and by it again once it goes on', async (t) => {
  const { node, crowd, other, goOn } = await withOneStanding(t);
  // The admin client gives up after 5 s.
  for (let n = 0; n < 4; n += 1) {
    const receipt = await node.admin.send(push(`all ${n}`)).catch((error: Error) => error);
    // What had been sent before it was found out is refused, and says of whom.
    if (receipt instanceof Error) assert.match(receipt.message, /the worker .*-\d does not answer/);
    else assert.equal(receipt.delivered, other.connections);
  }
  assert.equal((await node.admin.connections({ limit: 1 })).total, other.connections);
  assert.equal((await node.nodes()).length, 1);
  assert.match(node.said(), /a worker does not answer: it is passed over/);
  goOn();
  await eventually('it answers again', () => node.said().includes('a worker answers again'));
  await node.whenNodes(2);
  await eventually('all are reached', async () => (await node.admin.send(push('again'))).delivered === crowd.length);
});

test('a reload names a worker that stands still, which takes it up once it goes on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-silent-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.yaml');
  await writeFile(file, 'bindTimeout: 60s\n');
  const { node, standing, goOn } = await withOneStanding(t, { serve: ['--config', file] });
  await writeFile(file, 'bindTimeout: 200ms\n');
  const { changes, warnings } = await node.admin.reload();
  assert.deepEqual(
    changes.map(({ key, effect }) => [key, effect]),
    [['bindTimeout', 'applied']],
  );
  assert.deepEqual(
    warnings.filter((warning) => warning.includes(standing.node)),
    [`the worker ${standing.node} does not answer; it takes this up once it does`],
  );
  goOn();
  await node.whenNodes(2);
  const unbound = await Promise.all(Array.from({ length: 24 }, () => node.upgrade('/yunque')));
  for (const client of unbound) assert.equal(await client.closeCode(), 4002);
});

test('a worker that stands still stays named wherever its clients are missing, and its users are not called offline', async (t) => {
  const node = await startWorkers(t);
  await node.connect('yunque', { uid: 'ann', channel: 'web', deviceId: 'd1' });
  const { items } = await node.admin.connections({});
  const standing = (await node.nodes()).find(({ node: id }) => id === items[0]?.node) ?? assert.fail();
  const missingNodes = [standing.node];
  await stop(t, standing.pid);
  const degraded = { verdict: 'degraded', reasons: [`${standing.node}: does not answer`] };
  // By the clock of the link it is gone after seven seconds; what is said must not change then.
  await eventually(
    'the other has cut it off',
    async () => {
      const asked = performance.now();
      const { health, missingNodes: missing } = await node.admin.stats();
      assert.deepEqual([health, missing], [degraded, missingNodes]);
      return performance.now() - asked < 500;
    },
    30_000,
  );
  const receipt = await node.admin.send({ target: { to: 'users', uids: ['ann'] }, push: { msg: 'x' } });
  assert.deepEqual([receipt.offline, receipt.missingNodes], [[], missingNodes]);
  assert.deepEqual((await node.admin.send(push('all'))).missingNodes, missingNodes);
  assert.deepEqual((await node.admin.users({})).missingNodes, missingNodes);
  process.kill(standing.pid, 'SIGKILL');
  await eventually('it is being started again', async () => {
    const { health, missingNodes: missing } = await node.admin.stats();
    if (missing.length > 0) assert.deepEqual(missing, missingNodes);
    return health.reasons.includes(`${standing.node}: is being started again`);
  });
  await node.whenNodes(2);
  await eventually('all is well', async () => (await node.admin.stats()).health.verdict === 'ok');
});
