import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { SendPreview } from '../../../src/api/preview.ts';
import { rateArg } from '../../../src/cli/parsers.ts';
import { createPace } from '../../../src/cli/send/pace.ts';
import { type FakeAdmin, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, type RunOptions, startCli, until } from './run-cli.ts';

const preview: SendPreview = {
  matched: 3,
  nodes: { n2: 2, n1: 1 },
  dialects: { json: 2, cim: 1 },
  missingNodes: [],
};
const receipt = { messageId: 'a', matched: 3, delivered: 3, queued: 0, stored: 0, dropped: {}, missingNodes: [] };

const startAdmin = (t: TestContext, more: Partial<SendPreview> = {}) =>
  startFakeAdmin(t, { 'POST /send/preview': { ...preview, ...more }, 'POST /send': receipt });

const send = (admin: FakeAdmin, args: readonly string[], options: RunOptions = {}) =>
  cli(['send', '-s', admin.url, ...args], options);

const paths = (admin: FakeAdmin) => admin.asked.map(({ path }) => path);

describe('send --dry-run', () => {
  it('shows who would get it, and on which nodes, and sends nothing', async (t) => {
    const admin = await startAdmin(t, { offline: ['bob'] });
    const { exit, out, err } = await send(admin, ['--uid', 'alice,bob', '--exclude', 'eve', '-S', 'shop', '--dry-run']);
    assert.equal(exit, 7);
    assert.equal(
      out,
      'would      send it to 3 connections in shop\nnodes      n1 1, n2 2\ndialects   cim 1, json 2\nnot there  bob\nexit code  7\n',
    );
    assert.match(err, /nothing was done/);
    assert.deepEqual(paths(admin), ['/send/preview']);
    assert.deepEqual(JSON.parse(admin.asked[0]?.body ?? ''), {
      system: 'shop',
      target: { to: 'users', uids: ['alice', 'bob'] },
      exclude: { uids: ['eve'] },
    });
  });

  it('of a group is the same, and --json is the plan that every command has', async (t) => {
    const admin = await startAdmin(t);
    const { exit, out } = await cli(['group', 'send', 'g', '--dry-run', '--json', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(out), {
      schema: 'yunque.dry-run/1',
      command: 'group send',
      would: [{ do: 'send', connections: 3, system: 'default' }],
      affected: { connections: 3 },
      nodes: preview.nodes,
      dialects: preview.dialects,
      unknown: [],
      exit: 0,
    });
    assert.deepEqual(JSON.parse(admin.asked[0]?.body ?? '').target, { to: 'groups', groups: ['g'] });
  });

  for (const [more, flags, exit] of [
    [{ matched: 0, nodes: {}, dialects: {} }, [], 3],
    [{ matched: 0, nodes: {}, dialects: {} }, ['--allow-offline'], 0],
    [{ missingNodes: ['n3'] }, ['--allow-offline'], 7],
    [{ unknown: ['x'] }, [], 7],
    [{}, ['hello'], 0],
    [{}, ['--code', '1', '--action', 'a'], 2],
  ] as const) {
    it(`${JSON.stringify(more)} ${flags.join(' ')} exits with ${exit}`, async (t) => {
      const admin = await startAdmin(t, more);
      const ran = await send(admin, ['--all', '--dry-run', ...(exit === 2 ? ['x'] : []), ...flags]);
      assert.equal(ran.exit, exit, ran.err);
    });
  }
});

describe('a message to more than 10,000 connections', () => {
  const many = { matched: 10_001 };

  it('is refused in a script, with the number and the way out, and nothing is sent', async (t) => {
    const admin = await startAdmin(t, many);
    for (const args of [
      ['--all', 'x'],
      ['--group', 'g', 'x'],
      ['--all', '--stdin'],
    ]) {
      const { exit, err } = await send(admin, args, { stdin: 'a\n' });
      assert.equal(exit, 2);
      assert.match(err, /10001 connections\?\nhint: .*--yes/);
    }
    assert.deepEqual(paths(admin), Array(3).fill('/send/preview'));
  });

  it('is sent with --yes, which asks for no preview', async (t) => {
    const admin = await startAdmin(t, many);
    assert.equal((await send(admin, ['--all', 'x', '--yes'])).exit, 0);
    assert.deepEqual(paths(admin), ['/send']);
  });

  it('is asked about on a terminal: y sends it, anything else does not', async (t) => {
    const admin = await startAdmin(t, many);
    for (const [answer, exit] of [
      ['y\n', 0],
      ['\n', 1],
    ] as const) {
      const running = startCli(['send', '-s', admin.url, '--all', 'x'], { terminal: 80 });
      await until(() => running.err().includes('10001 connections? [y/N]'));
      running.stdin.write(answer);
      assert.equal((await running.done).exit, exit);
    }
    assert.deepEqual(paths(admin), ['/send/preview', '/send', '/send/preview']);
  });

  it('is no question for 10,000, nor for a few names, which need no preview', async (t) => {
    const admin = await startAdmin(t, { matched: 10_000 });
    assert.equal((await send(admin, ['--all', 'x'])).exit, 0);
    for (const args of [
      ['--uid', 'a,b'],
      ['--client', '1'],
      ['--device', 'a/b'],
    ]) {
      assert.equal((await send(admin, [...args, 'x'])).exit, 0);
    }
    assert.deepEqual(paths(admin), ['/send/preview', '/send', '/send', '/send', '/send']);
    const uids = Array.from({ length: 1000 }, (_, at) => `u${at}`).join(',');
    await send(admin, ['--uid', uids, 'x']);
    assert.deepEqual(paths(admin).slice(5), ['/send/preview', '/send']);
  });
});

describe('send --rate', () => {
  for (const [text, perSecond] of [
    ['200/s', 200],
    ['200', 200],
    ['10/m', 1 / 6],
    ['36/h', 0.01],
    ['0.5', 0.5],
  ] as const) {
    it(`${text} is ${perSecond} a second`, () => assert.equal(rateArg(text), perSecond));
  }

  for (const text of ['0', '-1', '5/d', '/s', 'fast', '1e3', '']) {
    it(`"${text}" is refused`, () => assert.throws(() => rateArg(text), /200\/s, 10\/m/));
  }

  it('counts turns from the first, so that late timers do not add up, and catches up no long pause', async () => {
    let at = 1000;
    const waited: number[] = [];
    const { signal } = new AbortController();
    const late = 3;
    const wait = async (ms: number) => {
      waited.push(ms);
      at += ms + late;
    };
    const pace = createPace({ perSecond: 100, signal, now: () => at, wait });
    for (let turn = 0; turn < 4; turn++) await pace.next();
    assert.deepEqual(waited, [10, 7, 7]);
    at += 5000;
    waited.length = 0;
    for (let turn = 0; turn < 12; turn++) await pace.next();
    assert.equal(waited.length, 1, 'ten turns of the last 100 ms are caught up, and no more');
  });

  it('paces --count, shows how far it is on a terminal, and ends cleanly with Ctrl-C in the middle of a wait', async (t) => {
    const admin = await startAdmin(t);
    const args = ['send', '-s', admin.url, '--uid', 'a', '--count', '3', '--rate', '1/h', 'x', '--json'];
    const running = startCli(args, { terminal: 80 });
    await until(() => admin.asked.length === 1 && running.err().includes('1 of 3 sent'));
    running.interrupt();
    const { exit, out } = await running.done;
    assert.equal(exit, 130);
    assert.deepEqual([JSON.parse(out).sent, admin.asked.length], [1, 1]);
  });

  it('paces --stdin, and is refused for a single message', async (t) => {
    const admin = await startAdmin(t);
    const started = performance.now();
    const flags = ['--uid', 'a', '--stdin', '--rate', '100/s'];
    assert.equal((await send(admin, flags, { stdin: 'a\nb\nc\n' })).exit, 0);
    assert.ok(performance.now() - started >= 20);
    assert.equal(admin.asked.length, 3);
    const refused = await send(admin, ['--uid', 'a', 'x', '--rate', '5']);
    assert.deepEqual([refused.exit, /--rate is for --count/.test(refused.err)], [2, true]);
  });
});
