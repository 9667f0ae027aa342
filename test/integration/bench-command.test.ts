import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requireDescriptors, sourceAddresses } from '../../src/cli/bench/clients.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { dialectNames } from '../support/ws-decode.ts';
import { cli, startCli } from '../unit/cli/run-cli.ts';

let folder: string;
let node: TestNode;
let socket: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunque-bench-'));
  const secretFile = join(folder, 'token.secret');
  await writeFile(secretFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const source = { type: 'jwt', algorithm: 'HS256', secretFile, systems: ['shop'] };
  node = await startTestNode({ set: [`auth.tokens=${JSON.stringify([source])}`, 'systems.list=shop,open'] });
  socket = node.node.operator.socketFile ?? '';
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const short = ['--duration', '300ms', '--warmup', '100ms', '--clients', '20'];
const bench = (...args: readonly string[]) => cli(['bench', ...args, '-s', socket]);

/** The run's own system is gone, and nobody is left in the others. */
async function assertNothingLeft(): Promise<void> {
  const { items } = await node.admin.systems();
  assert.deepEqual(items.map(({ system }) => system).sort(), ['default', 'open', 'shop']);
  await eventually('everybody has left', async () => {
    const [now] = (await node.admin.stats()).nodes;
    return now?.connections === 0 && now.groups === 0;
  });
}

for (const dialect of dialectNames) {
  for (const scenario of ['fanout', 'unicast', 'group'] as const) {
    test(`${scenario} in ${dialect}: every message arrives once, in order, where it must, and nothing stays behind`, async () => {
      const groups = scenario === 'group' ? ['--groups', '3', '--outsiders', '2'] : [];
      const { exit, out, err } = await bench(scenario, ...short, ...groups, '--dialect', dialect, '--json');
      const result = JSON.parse(out);
      assert.equal(exit, 0, err);
      assert.equal(result.schema, 'yunque.bench/1');
      assert.equal(result.connected, scenario === 'group' ? 22 : 20);
      assert.ok(result.sent > 0 && result.expected > 0);
      assert.equal(result.received, result.expected);
      if (scenario === 'fanout') assert.equal(result.received, result.sent * 20);
      assert.ok(result.latency.p50 > 0 && result.latency.max >= result.latency.p99);
      assert.deepEqual([result.lost, result.duplicated, result.outOfOrder, result.misdelivered], [0, 0, 0, 0]);
      await assertNothingLeft();
    });
  }
}

test('batches go in one request where there is a call for it, and keep their order where there is none', async () => {
  const list = JSON.parse((await bench('unicast', ...short, '--dialect', 'yunque', '--batch', '10', '--json')).out);
  assert.equal(list.requests, list.sent / 10);
  assert.deepEqual([list.lost, list.outOfOrder], [0, 0]);
  // Also more than a node takes from one connection at a time.
  for (const batch of ['10', '130']) {
    const burst = JSON.parse((await bench('fanout', ...short, '--batch', batch, '--in-flight', '2', '--json')).out);
    assert.equal(burst.requests, burst.sent);
    assert.equal(burst.received, burst.sent * 20);
    assert.deepEqual([burst.lost, burst.outOfOrder, burst.unanswered], [0, 0, 0]);
  }
});

test('a rate is kept, and what was asked for and reached is told', async () => {
  const { exit, out, err } = await bench('fanout', ...short, '--rate', '100', '--json', '--assert', 'rate>0,loss=0');
  const result = JSON.parse(out);
  assert.equal(exit, 0, err);
  assert.equal(result.wantedRate, 100);
  assert.ok(result.sent > 0 && result.sent <= result.seconds * 100 + 2, `${result.sent}`);
  assert.deepEqual(
    result.assertions.map(({ ok }: { ok: boolean }) => ok),
    [true, true],
  );
});

test('the admin API can be pushed by, over the operator socket', async () => {
  const { exit, out, err } = await bench('group', ...short, '--via', 'admin', '--dialect', 'cim', '--json');
  assert.equal(exit, 0, err);
  const { received, expected } = JSON.parse(out);
  assert.ok(received === expected && received > 0);
  await assertNothingLeft();
});

test('in a system that stays its groups are taken away', async () => {
  const { exit, err } = await bench('group', ...short, '-S', 'open', '--dialect', 'yunque');
  assert.equal(exit, 0, err);
  await assertNothingLeft();
});

describe('where tokens are required', () => {
  const secret = () => ['--secret-file', join(folder, 'token.secret')];

  test('it is not allowed without, and says what to bring', async () => {
    const { exit, err } = await bench('fanout', ...short, '-S', 'shop');
    assert.equal(exit, 4);
    assert.match(err, /no client could connect to 127\.0\.0\.1:\d+: .*401.*this system takes a token/);
    assert.match(err, /--secret-file or --private-key-file makes them/);
  });

  test('tokens are made for each client, of every dialect', async () => {
    for (const dialect of dialectNames) {
      const { exit, out, err } = await bench(
        'unicast',
        ...short,
        '-S',
        'shop',
        '--dialect',
        dialect,
        ...secret(),
        '--json',
      );
      assert.equal(exit, 0, `${dialect}: ${err}`);
      assert.equal(JSON.parse(out).connected, 20);
    }
  });

  test('tokens come from a file, and too few are too few', async () => {
    const tokens: string[] = [];
    for (const uid of ['ada', 'bob'])
      tokens.push((await cli(['token', 'mint', '--uid', uid, '-S', 'shop', ...secret()])).out);
    const file = join(folder, 'tokens');
    await writeFile(file, tokens.join(''), { mode: 0o600 });
    const run = (clients: string) =>
      bench(
        'unicast',
        '-S',
        'shop',
        '--dialect',
        'yunque',
        '--token-file',
        file,
        '--duration',
        '200ms',
        '--clients',
        clients,
      );
    const two = await run('2');
    assert.equal(two.exit, 0, two.err);
    const three = await run('3');
    assert.equal(three.exit, 2);
    assert.match(three.err, /--token-file: 2 tokens are too few for 3 clients/);
  });
});

test('TLS is spoken with clients and API where the node speaks it', async () => {
  await using authority = await createAuthority();
  const { cert, key } = await authority.issue('node');
  await using secure = await startTestNode({ set: [`tls.cert=${cert}`, `tls.key=${key}`] });
  const where = ['-s', secure.node.operator.socketFile ?? '', '--json'];
  const trusted = await cli(['bench', 'fanout', ...short, ...where, '--ca-file', authority.file]);
  assert.equal(trusted.exit, 0, trusted.err);
  const { received, expected } = JSON.parse(trusted.out);
  assert.ok(received === expected && received > 0);
  const unknown = await cli(['bench', 'fanout', ...short, ...where]);
  assert.equal(unknown.exit, 5);
  assert.match(unknown.err, /no client could connect to .*: UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
});

test('connect counts who came, and holds them', async () => {
  const { exit, out, err } = await bench(
    'connect',
    '--clients',
    '50',
    '--duration',
    '200ms',
    '--rate',
    '500',
    '--dialect',
    'cim',
    '--json',
  );
  const result = JSON.parse(out);
  assert.equal(exit, 0, err);
  assert.deepEqual([result.connected, result.failed, result.closed], [50, 0, 0]);
  assert.ok(result.latency.p50 > 0);
  await assertNothingLeft();
});

test('clients that a full server sends away come again, and are told of', async () => {
  await using slow = await startTestNode({ set: ['limits.acceptRate=100', 'limits.acceptBurst=5'] });
  const where = ['-s', slow.node.operator.socketFile ?? '', '--json'];
  const { exit, out, err } = await cli(['bench', 'connect', '--clients', '20', '--duration', '50ms', ...where]);
  assert.equal(exit, 0, err);
  const result = JSON.parse(out);
  assert.equal(result.connected, 20);
  assert.ok(result.turnedAway > 0);
});

test('api times the answers of a path, and one that refuses is no success', async () => {
  const path = ['--duration', '200ms', '--warmup', '0s', '--json'];
  const good = await bench('api', '/getOnlineUser', '--method', 'GET', ...path);
  assert.equal(good.exit, 0, good.err);
  assert.ok(JSON.parse(good.out).sent > 0);
  const admin = await bench('api', '/admin/v1/stats', '--method', 'GET', ...path);
  assert.equal(admin.exit, 0, admin.err);
  const bad = await bench('api', '/send', '--data', '{"receiver":7}', ...path);
  assert.equal(bad.exit, 1);
  assert.equal(JSON.parse(bad.out).refused, JSON.parse(bad.out).sent);
  assert.match(bad.err, /the server refused a request: 400/);
});

test('Ctrl-C ends it with the figures so far, and takes the system away', async () => {
  const delivered = async () => (await node.admin.stats()).nodes[0]?.deliveriesTotal ?? 0;
  const before = await delivered();
  const flags = ['--clients', '10', '--duration', '1h', '--warmup', '0s', '--json'];
  const running = startCli(['bench', 'fanout', ...flags, '-s', socket]);
  await eventually('messages flow', async () => (await delivered()) > before + 100);
  running.interrupt();
  const { exit, out } = await running.done;
  assert.equal(exit, 130);
  const result = JSON.parse(out);
  assert.equal(result.isInterrupted, true);
  assert.equal(result.lost, 0);
  await assertNothingLeft();
});

test('a pipe gets no progress, and a terminal a bar', async () => {
  const piped = await bench('fanout', ...short, '--rate', '50');
  assert.deepEqual([piped.exit, piped.err], [0, '']);
  for (const row of ['connected', 'sent', 'received', 'lost', 'duplicated', 'out of order', 'rate', 'MB/s', 'limit'])
    assert.match(piped.out, new RegExp(`^${row} `, 'm'));
  assert.match(piped.out, /^latency +p50 .* p90 .* p99 .* p99\.9 .* max /m);
  const shown = await cli(['bench', 'fanout', ...short, '--rate', '50', '-s', socket], { terminal: 100 });
  assert.match(shown.err, /\[#*-*\] (connecting|sending)/);
});

test('csv has the same columns for every scenario', async () => {
  const heads = [];
  for (const scenario of [
    ['fanout', ...short],
    ['api', '--duration', '100ms', '--warmup', '0s'],
  ]) {
    const { out } = await bench(...scenario, '-o', 'csv');
    const [head, row, rest] = out.split('\r\n');
    assert.equal(rest, '');
    assert.equal(row?.split(',').length, head?.split(',').length);
    heads.push(head);
  }
  assert.equal(heads[0], heads[1]);
});

test('on loopback many clients have several addresses of their own, and elsewhere the one of the machine', () => {
  const many = sourceAddresses({ host: '127.0.0.1' }, 50_000) ?? [];
  assert.ok(many.length >= 2 && new Set(many).size === many.length);
  for (const address of many) assert.match(address, /^127\.0\.0\.\d+$/);
  assert.equal(sourceAddresses({ host: '127.0.0.1' }, 1000), undefined);
  assert.equal(sourceAddresses({ host: '192.0.2.1' }, 50_000), undefined);
});

describe('what cannot be done is said at once', () => {
  test('more connections than descriptors', () => {
    assert.throws(
      () => requireDescriptors(5000, 1024),
      /5000 connections need 5100 file descriptors, and this process may have 1024/,
    );
    requireDescriptors(5000, 6000);
    requireDescriptors(5000, undefined);
  });

  test('no node, a message without room for its mark, and scenarios a foreign server has no call for', async () => {
    assert.equal((await cli(['bench', 'fanout'])).exit, 5);
    assert.equal((await cli(['bench', 'fanout', '-s', 'http://127.0.0.1:1'])).exit, 5);
    assert.equal((await cli(['bench', 'connect', '--clients', '2', '--ws-url', 'ws://127.0.0.1:1/ws'])).exit, 5);
    assert.match((await cli(['bench', 'fanout', '--size', '10'])).err, /from 25 bytes to 1MiB/);
    assert.match((await cli(['bench', 'fanout', '--assert', 'p99<x'])).err, /is no assertion/);
    const group = await cli(['bench', 'group', '--dialect', 'cim', '--http-url', 'http://127.0.0.1:1']);
    assert.equal(group.exit, 2);
    assert.match(group.err, /a server of the dialect cim has no call for group/);
  });
});

for (const dialect of ['cim', 'yunque', 'cim-json'] as const) {
  test(`a ${dialect} client that may not come in without a token is told so in words`, async () => {
    const { exit, err } = await bench('group', ...short, '--dialect', dialect, '-S', 'shop');
    assert.equal(exit, 4, err);
    assert.match(err, /: client_handshake 401 /);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    assert.doesNotMatch(err, /[\u0000-\u0009\u000b-\u001f]|frame:/);
  });
}

test('the result is a table in the language of the command, aligned', async () => {
  const { exit, out } = await bench('fanout', ...short, '--rate', '50', '--lang', 'zh');
  assert.equal(exit, 0);
  assert.match(out, /^场景 {4}fanout, json, 128 字节$/m);
  assert.match(out, /^已连接 {2}20 \/ 20$/m);
  assert.match(out, /^瓶颈 {4}\S+$/m);
  assert.doesNotMatch(out, /[a-z] of [a-z0-9]|connected|limit/);
});
