import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import type { ClusterStats, NodeStats } from '../../../src/api/stats.ts';
import { clusterStats, nodeStats } from '../../support/node-stats.ts';
import { type Asked, type FakeAdmin, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

const quick = ['--interval', '100ms'];

const node = (patch: Partial<NodeStats> = {}) =>
  nodeStats({ connections: 1200, memory: { rss: 0, heapUsed: 30, heapTotal: 50, heapLimit: 100 }, ...patch });

/** Answers one after the other; the last one again and again. */
async function startStats(t: TestContext, ...answers: readonly (() => ClusterStats)[]): Promise<FakeAdmin> {
  let asked = 0;
  const answer = () => answers[Math.min(asked++, answers.length - 1)]?.();
  return await startFakeAdmin(t, { 'GET /stats': answer });
}

const withoutProbe = (admin: FakeAdmin, args: readonly string[] = []) =>
  cli(['check', '-s', admin.url, '--no-probe', ...quick, ...args]);

describe('yunque check without a probe', () => {
  it('is one line with what there is and its figures, and exits with 0', async (t) => {
    const admin = await startStats(
      t,
      () => clusterStats(1000, [node({ droppedTotal: 5 })]),
      () => clusterStats(3000, [node({ droppedTotal: 9, slowClients: 2 })]),
    );
    assert.deepEqual(await withoutProbe(admin), {
      exit: 0,
      out:
        'YUNQUE OK - 1 of 1 nodes, 1,200 connections | ' +
        'lag=0ms;100;1000;0 connections=1200;;;0 nodes=1;;;0 missing=0;;;0 drops=2;;;0 slow=2;;;0 heap=30%;85;95;0 ' +
        'dropped=9c;;;0\n',
      err: '',
    });
    assert.equal(admin.asked[0]?.headers['x-yunque-role'], 'read');
  });

  it('does not count as drops what a node that was started again had counted before', async (t) => {
    const admin = await startStats(
      t,
      () => clusterStats(1000, [node({ droppedTotal: 5 })]),
      () => clusterStats(2000, [node({ droppedTotal: 900, startedAt: 1500 })]),
    );
    assert.match((await withoutProbe(admin)).out, / drops=0;/);
  });

  const sick = (verdict: 'degraded' | 'critical') => (): ClusterStats => ({
    ...clusterStats(1000, [node()], ['n2']),
    health: { verdict, reasons: ['n2: does not | answer'] },
  });

  for (const [what, stats, args, exit, line] of [
    ['a node misses', sick('degraded'), [], 1, /^YUNQUE WARNING - n2: does not \/ answer, 1 of 2 nodes/],
    ['a node is critical', sick('critical'), [], 2, /^YUNQUE CRITICAL - n2: /],
    [
      'the loop lags',
      () => clusterStats(1, [node({ eventLoopLagMs: { mean: 1, p99: 100, max: 200 } })]),
      [],
      1,
      /^YUNQUE WARNING - lag is 100ms, not lag<100ms,/,
    ],
    [
      'the loop stands still',
      () => clusterStats(1, [node({ eventLoopLagMs: { mean: 1, p99: 1500, max: 2000 } })]),
      [],
      2,
      /^YUNQUE CRITICAL - lag is 1500ms, not lag<1s,/,
    ],
    [
      'a threshold of its own takes the place of the usual one',
      () => clusterStats(1, [node({ eventLoopLagMs: { mean: 1, p99: 300, max: 300 } })]),
      ['--warn', 'lag<400ms'],
      0,
      / lag=300ms;400;1000;0 .* heap=30%;85;95;0/,
    ],
    [
      'there are too few connections',
      () => clusterStats(1, [node()]),
      ['--warn', 'connections>=2000,nodes=1', '--critical', 'connections>1000'],
      1,
      /connections is 1200, not connections>=2000.* connections=1200;2000:;1000:;0 nodes=1;1:1;;0 /,
    ],
    [
      'the heap is full',
      () => clusterStats(1, [node()]),
      ['--critical', 'heap<20%'],
      2,
      /^YUNQUE CRITICAL - heap is 30%, not heap<20%,/,
    ],
    [
      'what was not measured is asked for',
      () => clusterStats(1, [node()]),
      ['--warn', 'probe<1s'],
      3,
      /^YUNQUE UNKNOWN - probe was not measured,/,
    ],
  ] as const) {
    it(`exits with ${exit} where ${what}`, async (t) => {
      const ran = await withoutProbe(await startStats(t, stats), args);
      assert.equal(ran.exit, exit, ran.out);
      assert.match(ran.out, line);
      assert.equal(ran.out.split('\n').length, 2);
    });
  }

  it('is critical where nothing answers', async () => {
    const ran = await cli(['check', '-s', 'http://127.0.0.1:1']);
    assert.equal(ran.exit, 2);
    assert.match(ran.out, /^YUNQUE CRITICAL - /);
  });

  it('is unknown where the key is refused, and for a command line that cannot be read', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /stats': (_: Asked, response: never) => refuse(response, 401, { code: 'unauthorized', message: 'no' }),
    });
    const denied = await withoutProbe(admin);
    assert.equal(denied.exit, 3);
    assert.match(denied.out, /^YUNQUE UNKNOWN - /);
    for (const args of [
      ['--warn', 'speed<5'],
      ['--warn', 'lag<5%'],
      ['--format', 'xml'],
      ['--timeout', '5'],
      ['-C', 'nope'],
      ['--nope'],
    ]) {
      const ran = await withoutProbe(admin, args);
      assert.equal(ran.exit, 3, args.join(' '));
      assert.match(ran.err, /^error: /);
    }
    assert.equal((await cli(['check', '--help'])).exit, 0);
  });

  it('shows nothing that a terminal obeys, and no figures that are none', async (t) => {
    const evil = '\u001b]0;x\u0007\u001b[2J\u202e|a=1\nb';
    const reasons = () => ({ ...sick('critical')(), health: { verdict: 'critical' as const, reasons: [evil] } });
    const said = await withoutProbe(await startStats(t, reasons));
    assert.equal(said.exit, 2);
    assert.match(said.out, /^YUNQUE CRITICAL - \/a=1 b, 1 of 2 nodes, /);
    const foreign = () => clusterStats(1000, [node({ connections: '5 evil=9' as unknown as number })]);
    const refused = await withoutProbe(await startStats(t, foreign));
    assert.equal(refused.exit, 3);
    assert.match(refused.out, /^YUNQUE UNKNOWN - [^|]*nodes\[0\]\.connections[^|]*no yunque node answers[^|]*$/);
    assert.doesNotMatch(refused.err, /fault of yunque/);
  });

  it('is JSON with its schema, and the exit code stays the one of its status', async (t) => {
    const admin = await startStats(t, sick('degraded'));
    for (const flags of [['--json'], ['--format', 'json']]) {
      const { exit, out } = await withoutProbe(admin, flags);
      const { schema, status, code, figures, problems } = JSON.parse(out);
      assert.deepEqual(
        [exit, schema, status, code, figures.connections, figures.missing],
        [1, 'yunque.check/1', 'warning', 1, 1200, 1],
      );
      assert.deepEqual(problems, [{ level: 'warning', text: 'n2: does not | answer' }]);
    }
  });

  it('is metrics in seconds and ratios, with the status', async (t) => {
    const lagging = () => clusterStats(1, [node({ eventLoopLagMs: { mean: 1, p99: 120, max: 200 } })]);
    const { exit, out } = await withoutProbe(await startStats(t, lagging), ['--format', 'prometheus']);
    assert.equal(exit, 1);
    assert.match(out, /^yunque_check_status 1$/m);
    assert.match(out, /^yunque_check_event_loop_lag_seconds 0\.12$/m);
    assert.match(out, /^yunque_check_heap_used_ratio 0\.3$/m);
    assert.match(out, /^# TYPE yunque_check_connections gauge\nyunque_check_connections 1200$/m);
    assert.doesNotMatch(out, /probe_seconds/);
  });

  it('in Chinese has the same line: monitoring reads it', async (t) => {
    const admin = await startStats(t, () => clusterStats(1, [node()]));
    assert.match((await withoutProbe(admin, ['--lang', 'zh'])).out, /^YUNQUE OK - 1 of 1 nodes, 1,200 connections \|/);
  });
});

describe('the probe of yunque check', () => {
  /** A WebSocket server that greets, and an admin API whose pushes do what `onSend` says. */
  async function startPlace(t: TestContext, onSend: (reply: (data: unknown) => void, asked: Asked) => unknown) {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    t.after(() => server.close());
    await once(server, 'listening');
    let push = (_data: unknown) => {};
    server.on('connection', (socket) => {
      push = (data) => socket.send(JSON.stringify({ messageId: 'a', sendUserId: '', code: 0, msg: '', data }));
      socket.send('{"code":0,"msg":"success","data":{"clientId":"c1"}}');
    });
    const ws = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
    const admin = await startFakeAdmin(t, {
      'GET /stats': () => clusterStats(Date.now(), [node()]),
      'POST /send': (asked: Asked) => onSend(push, asked),
    });
    return { admin, args: ['check', '-s', admin.url, '--ws-url', ws, ...quick, '--timeout', '300ms'] };
  }
  const receipt = { messageId: 'a', matched: 1, delivered: 1, queued: 0, stored: 0, dropped: {}, missingNodes: [] };

  it('pushes to its own client, and asks again where nobody has heard of it yet', async (t) => {
    let asked = 0;
    const { admin, args } = await startPlace(t, (push, { body }) => {
      if (++asked === 1) return { ...receipt, matched: 0 };
      const { target, push: sent } = JSON.parse(body);
      assert.deepEqual(target, { to: 'connections', ids: ['c1'] });
      push(sent.data);
      return receipt;
    });
    const { exit, out } = await cli(args);
    assert.equal(exit, 0, out);
    assert.match(out, /, probe [\d.]+ ms \| probe=[\d.]+ms;250;2000;0 connect=[\d.]+ms;;;0 lag=/);
    assert.equal(admin.asked.filter(({ path }) => path === '/send').length, 2);
  });

  it('is critical where the message does not come back', async (t) => {
    const { args } = await startPlace(t, () => receipt);
    const { exit, out } = await cli(args);
    assert.equal(exit, 2);
    assert.match(out, /^YUNQUE CRITICAL - probe: the probe did not come back within 300 ms, 1 of 1 nodes, .* \| lag=/);
  });

  it('is unknown where the key may not send', async (t) => {
    const { admin, args } = await startPlace(t, () => receipt);
    admin.answers['POST /send'] = (_: Asked, response: never) =>
      refuse(response, 403, { code: 'forbidden', message: 'this key may only read' });
    const { exit, out } = await cli(args);
    assert.equal(exit, 3);
    assert.match(out, /^YUNQUE UNKNOWN - probe: /);
  });

  it('is critical where no WebSocket is to be had', async (t) => {
    const { admin } = await startPlace(t, () => receipt);
    const { exit, out } = await cli(['check', '-s', admin.url, '--ws-url', 'ws://127.0.0.1:1/ws', ...quick]);
    assert.equal(exit, 2);
    assert.match(out, /^YUNQUE CRITICAL - probe: /);
  });

  it('ends at once with Ctrl-C', async (t) => {
    const { admin, args } = await startPlace(t, () => receipt);
    const running = startCli([...args, '--timeout', '60s', '--interval', '60s']);
    await until(() => admin.asked.some(({ path }) => path === '/send'));
    running.interrupt();
    assert.equal((await running.done).exit, 130);
  });
});
