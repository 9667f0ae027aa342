import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterStats } from '../../../src/api/stats.ts';
import { type Sample, statsLine } from '../../../src/cli/stats/stats-line.ts';
import { createFakeStats } from '../../support/fake-stats.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

const snapshot = (nodes: number): Promise<ClusterStats> =>
  createFakeStats({ nodes, now: () => 1_700_000_000_000 }).stats();

/** The same snapshot with the figures of its first node changed. */
function changed(stats: ClusterStats, change: Partial<ClusterStats['nodes'][number]>): ClusterStats {
  return { ...stats, nodes: stats.nodes.map((node, index) => (index === 0 ? { ...node, ...change } : node)) };
}

describe('stats', () => {
  it('--json gives everything the node says', async (t) => {
    const stats = await snapshot(1);
    const admin = await startFakeAdmin(t, { 'GET /stats': stats });
    const { exit, out } = await cli(['stats', '--json', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(out), stats);
  });

  it('shows one node as lines, several as a table below the verdict', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': await snapshot(1) });
    assert.match((await cli(['stats', '-s', admin.url])).out, /^health +ok\nnode +\S+, serving, up/);
    admin.answers['GET /stats'] = await snapshot(3);
    const { out } = await cli(['stats', '-s', admin.url]);
    assert.match(
      out,
      /^health {2}ok\nusers {3}[\d,]+\ngroups {2}129\nflush {3}p50 0\.2 ms, p99 0\.\d ms, .*\nfanout {2}p50 0\.6 ms, p99 1\.\d ms, .*\nNODE +STATE/,
    );
    const [above = ''] = out.split('\nDOOR');
    assert.equal(above.trimEnd().split('\n').length, 9);
  });

  it('shows queue doors and ways out below, each node’s own, with why one does not read', async (t) => {
    const door = { name: 'stream:chat', kind: 'stream', state: 'reading', lag: 7, figures: {} } as const;
    const counted = { records: 1200, messages: 2, perSecond: 34.4, batches: 3, duplicates: 4, parked: 5, retries: 6 };
    const failing = {
      ...door,
      ...counted,
      name: 'kafka:chat',
      kind: 'kafka',
      state: 'failing',
      failure: 'no broker',
    } as const;
    const { lag: _, ...unknownLag } = failing;
    const sink = { name: 'http:shop', use: 'uplink', kind: 'http', state: 'ready' } as const;
    const stats = changed(await snapshot(2), {
      doors: [{ ...door, ...counted }, unknownLag],
      sinks: [{ ...sink, sent: 8, failed: 9, dropped: 10, waiting: 11 }],
    });
    const admin = await startFakeAdmin(t, { 'GET /stats': stats });
    const { out } = await cli(['stats', '-s', admin.url]);
    assert.match(out, /^DOOR +NODE +STATE +LAG +RECORDS +MESSAGES +MSG\/S +PARKED +DUPLICATES +RETRIES +WHY NOT$/m);
    assert.match(out, /^stream:chat +node-a +reading +7 +1,200 +2 +34 +5 +4 +6$/m);
    assert.match(out, /^kafka:chat +node-a +failing +- .* no broker$/m);
    assert.match(out, /^WAY OUT +NODE +FOR +STATE +WAITING +SENT +FAILED +DROPPED/m);
    assert.match(out, /^http:shop +node-a +uplink +ready +11 +8 +9 +10$/m);
    assert.deepEqual(JSON.parse((await cli(['stats', '--json', '-s', admin.url])).out), stats);
  });

  it('exits with 7 where nodes did not answer', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': { ...(await snapshot(1)), missingNodes: ['n2'] } });
    const { exit, out } = await cli(['stats', '-s', admin.url]);
    assert.equal(exit, 7);
    assert.match(out, /no answer +n2/);
  });

  it('shows a node that did not answer as down, as node ls does', async (t) => {
    const stats = { ...(await snapshot(1)), missingNodes: ['n2'] };
    const admin = await startFakeAdmin(t, { 'GET /stats': stats });
    for (const command of [['stats'], ['node', 'ls']]) {
      assert.match((await cli([...command, '-s', admin.url])).out, /^n2 +down +- +- /m);
    }
    const { out } = await cli(['node', 'ls', '--json', '-s', admin.url]);
    const { items, total } = JSON.parse(out) as { items: object[]; total: number };
    assert.deepEqual([items[0], total], [{ node: 'n2', state: 'down' }, 2]);
  });

  it('-o csv has a row a node', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': await snapshot(3) });
    const lines = (await cli(['stats', '-o', 'csv', '-s', admin.url])).out.trimEnd().split('\r\n');
    assert.equal(lines.length, 4);
    assert.match(lines[0]!, /^node,state,startedAt/);
  });
});

describe('a line of stats', () => {
  /** A sample whose question was answered at once. */
  const sample = (stats: ClusterStats, ms: number): Sample => ({
    stats,
    at: { serverMs: ms, askedMs: ms, answeredMs: ms },
  });

  it('has totals over all nodes, and the rates of what changed', async () => {
    const stats = await snapshot(2);
    const [node, other] = stats.nodes;
    const later = changed(stats, {
      messagesInTotal: node!.messagesInTotal + 30,
      deliveriesTotal: node!.deliveriesTotal + 300,
    });
    const line = statsLine(sample(stats, 1000), sample(later, 2500));
    assert.deepEqual([line.inPerSecond, line.outPerSecond, line.droppedPerSecond], [20, 200, 0]);
    assert.deepEqual([line.nodes, line.connections], [2, node!.connections + other!.connections]);
  });

  it('leaves the rates of a node out that was not there before or started anew', async () => {
    const stats = await snapshot(2);
    const before = { ...stats, nodes: stats.nodes.slice(0, 1) };
    assert.equal(statsLine(sample(before, 0), sample(stats, 1000)).inPerSecond, 0);
    const anew = changed(stats, { startedAt: stats.nodes[0]!.startedAt + 1, messagesInTotal: 5 });
    assert.equal(statsLine(sample(stats, 0), sample(anew, 1000)).inPerSecond, 0);
  });
});

describe('stats --watch', () => {
  it('prints a header and a line each interval, all of one width', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': await snapshot(1) });
    const { exit, out } = await cli(['stats', '--watch', '100ms', '--count', '25', '-s', admin.url]);
    const lines = out.trimEnd().split('\n');
    assert.equal(exit, 0);
    assert.deepEqual(
      lines.flatMap((line, index) => (line.startsWith('health') ? [index] : [])),
      [0, 21],
    );
    assert.equal(lines.length, 27);
    assert.equal(new Set(lines.map(({ length }) => length)).size, 1);
  });

  it('as json gives everything, a snapshot a line', async (t) => {
    const stats = await snapshot(2);
    const admin = await startFakeAdmin(t, { 'GET /stats': stats });
    const { out } = await cli(['stats', '--watch', '100ms', '--count', '2', '--json', '-s', admin.url]);
    assert.deepEqual(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [stats, stats],
    );
  });

  it('shows no rate of a node that has just restarted, as a dash and in csv as nothing', async (t) => {
    const stats = await snapshot(1);
    let asked = 0;
    const admin = await startFakeAdmin(t, { 'GET /stats': () => changed(stats, { startedAt: asked++ }) });
    const watch = ['stats', '--watch', '100ms', '--count', '1', '-s', admin.url];
    assert.match((await cli(watch)).out.split('\n')[1]!, / - +- +- /);
    const [names, values] = (await cli([...watch, '-o', 'csv'])).out.split('\r\n').map((line) => line.split(','));
    assert.equal(values?.[names!.indexOf('inPerSecond')], '');
    assert.equal(values?.length, names?.length);
  });

  it('fits a terminal of 80 columns, a gap between all, however large the figures', async (t) => {
    const large = { connections: 999_999, users: 999_999, groups: 999_999, slowClients: 9, outboxBytes: 1023 * 1024 };
    const stats = changed(await snapshot(1), {
      ...large,
      memory: { rss: 1023 * 1024, heapUsed: 0, heapTotal: 0, heapLimit: 0 },
      eventLoopLagMs: { mean: 1, p99: 999, max: 1000 },
      health: { verdict: 'critical', reasons: [] },
    });
    const admin = await startFakeAdmin(t, {
      'GET /stats': { ...stats, totals: { users: 999_999, groups: 0 }, health: stats.nodes[0]!.health },
    });
    const { out } = await cli(['stats', '--watch', '100ms', '--count', '1', '-s', admin.url]);
    assert.match(out, /^critical 999,999 999,999 .* 1023 KiB 999 ms 1023 KiB$/m);
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('survives a node that goes away for a while', async (t) => {
    const stats = await snapshot(1);
    let asked = 0;
    const admin = await startFakeAdmin(t, {
      'GET /stats': (_: unknown, response: { socket: { destroy(): void } }) => {
        asked++;
        return asked > 1 && asked < 6 ? void response.socket.destroy() : stats;
      },
    });
    const { exit, out, err } = await cli(['stats', '--watch', '100ms', '--count', '2', '-o', 'plain', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.equal(out.trimEnd().split('\n').length, 2);
    const notes = err.trimEnd().split('\n');
    assert.equal(notes.length, 2, err);
    assert.match(notes[0]!, /trying again$/);
    assert.match(notes[1]!, /answers again$/);
  });

  for (const [args, message] of [
    [['--watch', '1ms'], /100ms or longer/],
    [['--count', '3'], /--count is for --watch/],
    [['-S', 'shop'], /yunque system show shop/],
    [['-S', 'shop', '--watch'], /yunque system show shop/],
  ] as const) {
    it(`${args.join(' ')} is refused with 2`, async () => {
      const { exit, err } = await cli(['stats', ...args, '-s', 'unix:/nonexistent.sock']);
      assert.equal(exit, 2);
      assert.match(err, message);
    });
  }

  it('fails at once where the first question does', async () => {
    assert.equal((await cli(['stats', '--watch', '-s', 'unix:/nonexistent.sock'])).exit, 5);
  });

  it('ends with 130 on Ctrl-C', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /stats': await snapshot(1) });
    const running = startCli(['stats', '--watch', '100ms', '-s', admin.url]);
    await until(() => running.out().split('\n').length > 2);
    running.interrupt();
    assert.equal((await running.done).exit, 130);
  });
});
