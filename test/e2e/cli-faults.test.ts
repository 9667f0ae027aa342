import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdminClient } from '../../src/client/admin-client.ts';
import { eventually } from '../support/eventually.ts';
import { openRaw } from '../support/raw-client.ts';
import { upgradeRequest } from '../support/raw-frames.ts';
import { requireFile } from '../support/tool.ts';
import { connect, join as joinNode, type WsClient } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';
import { createYunque, type Started, type StartOptions, type Yunque } from './cli-binary.ts';

const root = join(import.meta.dirname, '../..');
const withFaults = [process.execPath, '--import', join(root, 'test/support/fault-hook.ts'), join(root, 'src/main.ts')];
const faketime = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;

/** Deadlines that are long past after the pauses of these tests. */
const hasty = [
  'heartbeat.json.pingInterval=500ms',
  'heartbeat.json.timeout=500ms',
  'heartbeat.protobuf.pingAfter=500ms',
  'heartbeat.protobuf.timeout=1s',
  'bindTimeout=2s',
].flatMap((setting) => ['--set', setting]);

interface Crowded {
  readonly node: Started;
  readonly url: string;
  readonly bound: readonly WsClient[];
  /** Connected last, and not bound yet. */
  readonly binding: readonly WsClient[];
  readonly admin: ReturnType<typeof createAdminClient>;
}

async function serveCrowd(
  t: TestContext,
  yunque: Yunque,
  { unbound = true, ...options }: StartOptions & { unbound?: boolean } = {},
): Promise<Crowded> {
  const node = await yunque.serve(hasty, options);
  const { port } = node;
  const place = { url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` } as Parameters<typeof joinNode>[0];
  const bound = await Promise.all(dialectNames.map((dialect) => joinNode(place, dialect)));
  const waiting = unbound ? (['yunque', 'cim', 'cim-json'] as const) : [];
  const binding = await Promise.all(waiting.map((dialect) => connect(place, dialect)));
  const admin = createAdminClient({ socketPath: join(yunque.home, 'run/yunque', `${port}.sock`), timeoutMs: 20_000 });
  t.after(() => {
    for (const { ws } of [...bound, ...binding]) ws.terminate();
    admin.close();
  });
  return { node, url: place.url, bound, binding, admin };
}

/** Everybody is still there: who was binding can bind, and all get a message. */
async function assertNobodyLost(
  { bound, binding, admin }: Crowded,
  disconnects: Readonly<Record<string, number>> = {},
): Promise<void> {
  await Promise.all(binding.map((client, at) => client.bind({ uid: `late-${at}`, channel: 'web', deviceId: 'd' })));
  const all = [...bound, ...binding];
  const receipt = await admin.send({ target: { to: 'system' }, push: { msg: 'still there' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [all.length, all.length]);
  for (const client of all) await client.next(({ type }) => type === 'message', 'the message');
  const [stats] = (await admin.stats()).nodes;
  assert.deepEqual(stats?.disconnects, disconnects);
}

describe('a node that stood still', { timeout: 120_000 }, () => {
  it('closes no client of any dialect for it, bound or binding, and says that it did', async (t) => {
    const crowd = await serveCrowd(t, await createYunque(t));
    const { pid = 0 } = crowd.node.process;
    // In the middle of its upgrade, for which it would have 4 s.
    const connecting = await openRaw(Number(new URL(crowd.url).port));
    const upgrade = upgradeRequest(1, '/ws');
    connecting.socket.write(upgrade.slice(0, 40));
    await crowd.admin.stats();
    process.kill(pid, 'SIGSTOP');
    connecting.socket.write(upgrade.slice(40));
    await delay(5000);
    process.kill(pid, 'SIGCONT');
    await eventually('the upgrade is answered', () => connecting.status !== 0);
    assert.equal(connecting.status, 101);
    connecting.socket.destroy();
    await eventually('it has gone', async () => {
      return (await crowd.admin.stats()).nodes[0]?.connections === crowd.bound.length;
    });
    await assertNobodyLost(crowd, { 1006: 1 });
    await crowd.node.says(/"level":40.*"cause":"stopped".*the process stood still/);
    const [stats] = (await crowd.admin.stats()).nodes;
    assert.ok(stats !== undefined && stats.pauses.count >= 1 && stats.pauses.seconds > 3);
    const metrics = await (await fetch(`${crowd.url}/metrics`)).text();
    assert.match(metrics, /^yunque_pause_detected_seconds_total [3-9]/m);
    for await (const item of crowd.admin.events({ types: ['paused'], backlog: 100 })) {
      if (item.type !== 'event') continue;
      assert.equal(item.event.type, 'paused');
      break;
    }
  });

  it('because its loop was blocked for 2 s closes no client either', async (t) => {
    const program = withFaults as [string, ...string[]];
    const crowd = await serveCrowd(t, await createYunque(t), { program, env: { INJECTED_FAULT: 'block' } });
    crowd.node.process.kill('SIGUSR2');
    await crowd.node.says(/"cause":"blocked".*the event loop was blocked/);
    await assertNobodyLost(crowd);
  });

  it('because it wrote a heap snapshot closes no client; the file is for its user alone', async (t) => {
    const yunque = await createYunque(t);
    const crowd = await serveCrowd(t, yunque);
    const { code, out, err } = await yunque.run(['node', 'heap-snapshot', '--yes', '--json']);
    assert.equal(code, 0, err);
    const { path, bytes } = JSON.parse(out);
    const { size, mode } = await stat(path);
    assert.deepEqual([size, mode & 0o777], [bytes, 0o600]);
    const { snapshot, nodes } = JSON.parse(await readFile(path, 'utf8'));
    assert.ok(snapshot.node_count > 10_000 && nodes.length === snapshot.node_count * snapshot.meta.node_fields.length);
    await assertNobodyLost(crowd);
  });

  it('because others had the processor goes on with every client', async (t) => {
    const crowd = await serveCrowd(t, await createYunque(t), { unbound: false });
    setPriority(crowd.node.process.pid ?? 0, 19);
    const hogs = [1, 2].map(() => spawn(process.execPath, ['-e', 'for (;;);']));
    t.after(() => hogs.map((hog) => hog.kill('SIGKILL')));
    await delay(3000);
    for (const hog of hogs) hog.kill('SIGKILL');
    await assertNobodyLost(crowd);
  });

  it('does not notice that the clock on the wall was set', async (t) => {
    await requireFile(faketime, 'libfaketime');
    const yunque = await createYunque(t);
    const clock = join(yunque.home, 'clock');
    await writeFile(clock, '+0');
    const env = {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    const crowd = await serveCrowd(t, yunque, { env, unbound: false });
    for (const jump of ['+3600', '-3600']) {
      await writeFile(clock, jump);
      await eventually('the node’s clock has jumped', async () => {
        return Math.abs((await crowd.admin.stats()).time - Date.now() - Number(jump) * 1000) < 600_000;
      });
      await delay(1500);
      const [stats] = (await crowd.admin.stats()).nodes;
      assert.ok(stats !== undefined && stats.uptimeSeconds >= 0 && stats.uptimeSeconds < 600);
      assert.equal(stats.pauses.count, 0);
    }
    await assertNobodyLost(crowd);
  });
});

describe('a fault that nobody caught', { timeout: 120_000 }, () => {
  for (const [fault, origin] of [
    ['throw', 'uncaughtException'],
    ['reject', 'unhandledRejection'],
  ] as const) {
    it(`(${origin}) is logged with an id; clients get 4001 and the process ends with 1`, async (t) => {
      const program = withFaults as [string, ...string[]];
      const crowd = await serveCrowd(t, await createYunque(t), { program, env: { INJECTED_FAULT: fault } });
      crowd.node.process.kill('SIGUSR2');
      for (const client of [...crowd.bound, ...crowd.binding]) assert.equal((await client.closed).code, 4001);
      const { code, err, out } = await crowd.node.done;
      assert.deepEqual([code, err], [1, '']);
      const fatal = out.split('\n').find((line) => line.includes('"level":60')) ?? '';
      const { fault: id, origin: from, err: error } = JSON.parse(fatal);
      assert.match(id, /^[0-9a-f]{8}$/);
      assert.deepEqual([from, error.message], [origin, 'injected']);
    });
  }
});
