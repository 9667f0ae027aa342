import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

/** A node that has 4 clients when it begins to drain, and one less each time it is looked at. */
async function startDrained(t: TestContext, { isStuck = false } = {}) {
  let left: number | undefined;
  const admin = await startFakeAdmin(t, {
    'GET /version': { node: 'n1' },
    'GET /nodes/n1': () => {
      const drain = left === undefined ? {} : { drain: { clients: 4, left, isStaying: true } };
      if (left !== undefined && left > 0 && !isStuck) left -= 1;
      return { node: 'n1', connections: 4, ...drain };
    },
    'POST /nodes/n1/drain': () => {
      left = 4;
      return { node: 'n1', clients: 4 };
    },
    'DELETE /nodes/n1/drain': { node: 'n1', wasDrained: false },
    'GET /nodes/n2': (_: unknown, response: never) =>
      refuse(response, 503, { code: 'unavailable', message: 'the node n2 does not answer', missingNodes: ['n2'] }),
    'GET /nodes/n3': (_: unknown, response: never) =>
      refuse(response, 404, { code: 'unknown_node', message: 'no such node: n3', hint: 'there are: n1, n2' }),
  });
  const die = () => {
    admin.answers['GET /nodes/n1'] = (_: unknown, response: never) =>
      refuse(response, 404, { code: 'unknown_node', message: 'no such node: n1', hint: 'there are: n2' });
  };
  return { admin, restart: () => (left = undefined), die };
}

describe('node drain', { timeout: 20_000 }, () => {
  it('asks, and from a script wants --yes; then waits until the last client has gone, and writes no bar into a pipe', async (t) => {
    const { admin } = await startDrained(t);
    const unasked = await cli(['node', 'drain', 'n1', '-s', admin.url]);
    assert.equal(unasked.exit, 2);
    assert.match(unasked.err, /4 clients of the node n1[\s\S]*--yes/);
    assert.ok(!admin.asked.some(({ method }) => method === 'POST'));

    const { exit, out, err } = await cli(['node', 'drain', '--rate', '200/s', '--yes', '--json', '-s', admin.url]);
    assert.equal(exit, 0, err);
    const { seconds, ...rest } = JSON.parse(out);
    assert.deepEqual(rest, { schema: 'yunque.drained/1', node: 'n1', clients: 4 });
    assert.equal(typeof seconds, 'number');
    assert.deepEqual(JSON.parse(admin.asked.find(({ method }) => method === 'POST')?.body ?? ''), { perSecond: 200 });
    assert.doesNotMatch(err, /left/);
    assert.match(err, /yunque node resume n1/);
  });

  it('draws a bar on a terminal, and takes it away', async (t) => {
    const { admin } = await startDrained(t);
    const { exit, err } = await cli(['node', 'drain', 'n1', '--yes', '-s', admin.url], { terminal: 80 });
    assert.equal(exit, 0, err);
    assert.match(err, /\[#{6,}-+\] draining: 3 of 4 clients left/);
    assert.ok(err.includes('\r\u001b[2Kn1 is drained'), err);
  });

  it('ends with 130 on Ctrl-C and with 6 after --timeout, and says that the draining goes on', async (t) => {
    const { admin } = await startDrained(t, { isStuck: true });
    const running = startCli(['node', 'drain', 'n1', '--yes', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('4 of 4'));
    running.interrupt();
    const interrupted = await running.done;
    assert.equal(interrupted.exit, 130);
    assert.match(interrupted.err, /the draining of n1 goes on; yunque node resume n1/);
    const late = await cli(['node', 'drain', 'n1', '--yes', '--timeout', '300ms', '-s', admin.url]);
    assert.equal(late.exit, 6);
    assert.match(late.err, /goes on[\s\S]*n1 has clients still/);
    assert.ok(!admin.asked.some(({ method }) => method === 'DELETE'));
  });

  it('ends with 1 where the node was resumed or started again meanwhile, or is unknown, and with 5 where it does not answer', async (t) => {
    const { admin, restart } = await startDrained(t, { isStuck: true });
    const running = startCli(['node', 'drain', 'n1', '--yes', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('4 of 4'));
    restart();
    const ended = await running.done;
    assert.equal(ended.exit, 1);
    assert.match(ended.err, /drains no longer/);
    assert.doesNotMatch(ended.err, /goes on/);

    const unknown = await cli(['node', 'drain', 'n3', '--yes', '-s', admin.url]);
    assert.equal(unknown.exit, 1);
    assert.match(unknown.err, /no such node: n3[\s\S]*there are: n1, n2/);
    for (const verb of [
      ['drain', 'n2', '--yes'],
      ['show', 'n2'],
    ]) {
      const silent = await cli(['node', ...verb, '-s', admin.url]);
      assert.equal(silent.exit, 5, verb.join(' '));
      assert.match(silent.err, /the node n2 does not answer[\s\S]*yunque stats/);
    }
  });

  it('ends with 1 where the node dies, and says how many were left instead of that the draining goes on', async (t) => {
    const { admin, die } = await startDrained(t, { isStuck: true });
    let aheadMs = 0;
    const now = performance.now.bind(performance);
    t.mock.method(performance, 'now', () => now() + aheadMs);
    const running = startCli(['node', 'drain', 'n1', '--yes', '-s', admin.url], { terminal: 80 });
    await until(() => running.err().includes('4 of 4'));
    die();
    aheadMs = 60_000;
    const { exit, err } = await running.done;
    assert.equal(exit, 1);
    assert.match(err, /n1 went away while it drained, with 4 clients left/);
    assert.doesNotMatch(err, /goes on|no such node/);
  });

  it('takes a rate such as 200/s or 0.5, and nothing else', async (t) => {
    const { admin } = await startDrained(t);
    for (const rate of ['0', '-1', '200/d', 'fast']) {
      assert.equal((await cli(['node', 'drain', 'n1', '--rate', rate, '--yes', '-s', admin.url])).exit, 2, rate);
    }
    assert.equal((await cli(['node', 'drain', 'n1', '--rate', '0.5', '--yes', '-s', admin.url])).exit, 0);
  });
});

describe('node resume', { timeout: 20_000 }, () => {
  it('says where there was nothing to end', async (t) => {
    const { admin } = await startDrained(t);
    const { exit, out, err } = await cli(['node', 'resume', '--json', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(out), { schema: 'yunque.resumed/1', node: 'n1', wasDrained: false });
    assert.match(err, /n1 was not drained/);
  });
});
