import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { join as joinPath } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '../support/eventually.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { requireOpenFiles } from '../support/open-files.ts';
import type { StormOrder, StormReport } from '../support/storm-clients.ts';

const CLIENTS = 9000;
const MIB = 2 ** 20;

test(`${CLIENTS} clients connecting at once, twice: nobody is lost, all hear one broadcast, memory comes back`, {
  timeout: 90_000,
}, async (t) => {
  requireOpenFiles(CLIENTS + 500);
  // What the history remembers of them is kept on purpose.
  await using node = await startTestNode({ set: ['limits.history=0'] });
  const clients = startClients(t);

  // Code and caches that stay are no leak: they are there before the first measurement.
  await storm(node, clients, { count: 400, politely: true, marker: 'warm-up' });
  const before = await measure();
  for (const politely of [true, false]) {
    await storm(node, clients, { count: CLIENTS, politely, marker: `storm-${politely}` });
    const after = await measure();
    t.diagnostic(
      `heap ${inMib(before.heap)} → ${inMib(after.heap)} MiB, buffers ${inMib(before.buffers)} → ${inMib(after.buffers)} MiB`,
    );
    // Room for compiled code and grown tables; a leak of 200 bytes a client is more.
    assert.ok(after.heap < before.heap + 3 * MIB, `heap: ${before.heap} before, ${after.heap} after`);
    assert.ok(after.buffers < before.buffers + 2 * MIB, `buffers: ${before.buffers} before, ${after.buffers} after`);
    assert.ok(after.sockets <= before.sockets, `${before.sockets} sockets before, ${after.sockets} after`);
  }
  const [stats] = (await node.admin.stats()).nodes;
  assert.equal(stats?.deliveriesTotal, 2 * CLIENTS + 400);
  assert.equal(stats?.droppedTotal, 0);
  assert.deepEqual(stats?.refused, {});
});

async function storm(
  node: TestNode,
  clients: Clients,
  { count, politely, marker }: { count: number; politely: boolean; marker: string },
): Promise<void> {
  const greeted = clients.all('greeted');
  clients.order({ do: 'connect', port: node.port, count, marker });
  assert.deepEqual((await greeted).unexpected, {});
  const [full] = (await node.admin.stats()).nodes;
  assert.equal(full?.connections, count);
  assert.equal(full?.pending, 0);
  assert.equal(full?.users, (count / 4) * 3);
  assert.deepEqual(new Set(Object.values(full?.connectionsByDialect ?? {})), new Set([count / 4]));

  const heard = clients.all('heard');
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: marker } });
  assert.deepEqual([receipt.matched, receipt.delivered, receipt.dropped], [count, count, {}]);
  assert.deepEqual((await heard).unexpected, {});

  const gone = clients.all('gone');
  clients.order({ do: 'leave', politely });
  assert.deepEqual((await gone).unexpected, {});
  await eventually('the node has forgotten them all', async () => {
    const [stats] = (await node.admin.stats()).nodes;
    return stats?.connections === 0 && stats.users === 0 && stats.groups === 0 && stats.pending === 0;
  });
}

interface Clients {
  order(order: StormOrder): void;
  /** The next report of that kind; call it before the order that leads to it. */
  all(what: 'greeted' | 'heard' | 'gone'): Promise<StormReport>;
}

function startClients(t: TestContext): Clients {
  const child: ChildProcess = fork(joinPath(import.meta.dirname, '../support/storm-clients.ts'), { execArgv: [] });
  t.after(() => child.kill('SIGKILL'));
  return {
    order: (order) => child.send(order),
    all: (what) =>
      new Promise((resolve, reject) => {
        child.once('exit', (code) => reject(new Error(`the clients' process ended with ${code}`)));
        child.on('message', function hear(report: StormReport) {
          if (report.all !== what && report.all !== undefined) return;
          child.off('message', hear);
          if (report.all === what) resolve(report);
          else reject(new Error(`not all ${what}: ${JSON.stringify(report)}`));
        });
      }),
  };
}

/** After garbage collection, and after the last sockets' handles have been given back. */
async function measure(): Promise<{ heap: number; buffers: number; sockets: number }> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  return { heap: heapUsed, buffers: arrayBuffers, sockets };
}

function inMib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
