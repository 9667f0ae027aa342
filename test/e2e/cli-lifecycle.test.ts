import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ensureBinary } from '../support/binary.ts';
import { createYunque, type Finished } from './cli-binary.ts';

const json = ({ out }: Finished) => JSON.parse(out);
const lines = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('standard output', { timeout: 120_000 }, () => {
  it('on a full disk is said to be cut, and exits with 1', async (t) => {
    const { home } = await createYunque(t);
    const file = await ensureBinary();
    for (const args of [['config', 'show'], ['errors', '--json'], ['--version'], ['help']]) {
      const full = await open('/dev/full', 'w');
      const child = spawn(file, args, { env: { HOME: home, LANG: 'C' }, stdio: ['ignore', full.fd, 'pipe'] });
      let err = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        err += chunk;
      });
      const [code] = await once(child, 'close');
      await full.close();
      assert.equal(code, 1, args.join(' '));
      assert.match(err, /^error: cannot write standard output: ENOSPC/m);
      assert.doesNotMatch(err, /\n\s+at /);
    }
  });
});

describe('serve', { timeout: 120_000 }, () => {
  it('says first that it serves, and nothing of a probe that succeeded as it should', async (t) => {
    const { serve } = await createYunque(t);
    const node = await serve();
    const [first] = lines(node.out());
    assert.equal(first.msg, 'serving');
    assert.doesNotMatch(node.out(), /delivery is proven/);
  });
});

describe('the binary', { timeout: 120_000 }, () => {
  it('serves, connects, sends, groups, counts, kicks and stops with clients connected', async (t) => {
    const { run, start, serve } = await createYunque(t);
    const node = await serve();
    const url = `http://127.0.0.1:${node.port}`;

    // Nobody there yet.
    assert.equal((await run(['send', '--uid', 'alice', 'hello', '-s', url])).code, 3);
    assert.equal((await run(['send', '--uid', 'alice', 'hello', '--allow-offline'])).code, 0);

    // Input is closed from the start, and the client goes on.
    const alice = start(['connect', '--uid', 'alice', '-s', url]);
    const cim = start(['connect', '--uid', 'bob', '--dialect', 'cim', '-s', url]);
    const cimJson = start(['connect', '--uid', 'carol', '--dialect', 'cim-json']);
    const anonymous = start(['connect', `ws://127.0.0.1:${node.port}/ws`]);
    for (const client of [alice, cim, cimJson]) await client.says('client_bind');
    await anonymous.says('clientId');

    const sent = await run(['send', '--uid', 'alice', 'hello', '-s', url, '--json']);
    assert.equal(sent.code, 0, sent.err);
    assert.match(sent.out, /"matched":1,"delivered":1/);
    await alice.says('hello');

    const all = await run(['send', '--all', '--msg', 'm', '{"n":12345678901234567890}', '--json']);
    assert.deepEqual([json(all).matched, json(all).delivered], [4, 4]);
    for (const client of [alice, cim, cimJson, anonymous]) await client.says('12345678901234567890');

    // Groups, with the notice the joiner gets.
    const joined = await run(['group', 'join', 'room', '--uid', 'alice', '--user-id', 'label', '--json']);
    assert.deepEqual([json(joined).matched, json(joined).changed], [1, 1]);
    await alice.says('"action":"1001"');
    const clientId = lines(anonymous.out())[0].frame.data.clientId;
    assert.equal((await run(['group', 'join', 'room', clientId])).code, 0);
    await anonymous.says('客户端上线');
    assert.equal(json(await run(['group', 'show', 'room', '--json'])).members, 2);
    assert.equal(json(await run(['group', 'members', 'room', '--json'])).total, 2);
    assert.equal(json(await run(['group', 'send', 'room', 'to the room', '--json'])).delivered, 2);
    await alice.says('to the room');
    assert.equal((await run(['group', 'leave', 'room', '--uid', 'alice'])).code, 0);
    assert.equal((await run(['group', 'rm', 'room'])).code, 2);
    assert.equal((await run(['group', 'rm', 'room', '--yes'])).code, 0);
    assert.equal((await run(['group', 'send', 'room', 'x'])).code, 3);

    // Lists.
    const clients = json(await run(['client', 'ls', '--where', 'dialect=cim', '--json']));
    assert.deepEqual([clients.schema, clients.total, clients.items[0].uid], ['yunque.clients/1', 1, 'bob']);
    assert.equal(json(await run(['client', 'show', clientId, '--json'])).clientId, clientId);
    const decoded = json(await run(['id', 'decode', clientId, '--json']));
    assert.match(decoded.address, new RegExp(`:${node.port + 1000}$`));
    assert.equal(json(await run(['user', 'ls', '--search', 'ali', '--json'])).items[0].uid, 'alice');
    assert.equal((await run(['user', 'online', 'alice'])).code, 0);
    assert.equal((await run(['user', 'online', 'zed'])).code, 3);

    // Another system meets nobody of this one.
    assert.equal((await run(['send', '--uid', 'alice', 'x', '-S', 'shop'])).code, 1);
    assert.equal((await run(['system', 'add', 'shop'])).code, 0);
    assert.equal((await run(['system', 'add', 'shop'])).code, 1);
    assert.equal((await run(['send', '--uid', 'alice', 'x', '-S', 'shop'])).code, 3);
    assert.equal(json(await run(['system', 'ls', '--json'])).total, 2);
    assert.equal((await run(['system', 'rm', 'shop', '--yes'])).code, 0);

    // What happened was counted.
    const stats = json(await run(['stats', '--json']));
    assert.equal(stats.schema, 'yunque.stats/1');
    assert.equal(stats.nodes[0].connections, 4);
    assert.ok(stats.nodes[0].deliveriesTotal >= 7, JSON.stringify(stats.nodes[0].deliveries));
    const watched = await run(['stats', '--watch', '100ms', '--count', '2']);
    assert.match(watched.out, /^health +conns.*\n(ok +4 .*\n){2}$/);

    // Kick: the client hears why, and its exit code says so.
    const kicked = await run(['user', 'kick', 'bob', '--reason', 'maintenance', '--json']);
    assert.deepEqual([kicked.code, json(kicked).closed], [0, 1]);
    const bob = await cim.done;
    assert.equal(bob.code, 1);
    assert.match(bob.err, /closed 4503 kicked/);
    assert.equal((await run(['user', 'kick', 'bob'])).code, 3);

    // SIGTERM with clients connected: each hears 4001, the node exits with 0 and leaves no socket behind.
    node.process.kill('SIGTERM');
    for (const client of [alice, cimJson, anonymous]) {
      const { code, err } = await client.done;
      assert.equal(code, 1);
      assert.match(err, /closed 4001 going_away/);
    }
    assert.equal((await node.done).code, 0);
    assert.equal((await run(['stats', '-s', url])).code, 5);
    assert.equal((await run(['stats'])).code, 5);
  });

  it('stop lets it drain, waits until the process has ended, and the next start succeeds at once', async (t) => {
    const { home, run, start, serve } = await createYunque(t);
    assert.equal((await run(['stop'])).code, 5);
    for (const args of [['stop'], ['stop', '--now', '--json']]) {
      const node = await serve(['--data-dir', `${home}/data`]);
      const client = start(['connect']);
      await client.says('clientId');
      const stopped = await run(args);
      assert.equal(stopped.code, 0, stopped.err);
      assert.match(stopped.err, /draining|^$/);
      assert.throws(() => process.kill(node.process.pid ?? 0, 0), /ESRCH/);
      assert.deepEqual([(await node.done).code, (await node.done).err], [0, '']);
      assert.match(node.out(), /"by":"the admin API"/);
      assert.match((await client.done).out, /4001/);
    }
  });

  it('stop fails as the node does: at the hard limit, or when it is killed', async (t) => {
    const { run, start, serve } = await createYunque(t);
    const node = await serve(['--set', 'drain.duration=100ms', '--set', 'drain.hardLimit=500ms']);
    const client = start(['connect']);
    await client.says('clientId');
    // It reads no close frame.
    client.process.kill('SIGSTOP');
    const stopped = await run(['stop']);
    assert.equal(stopped.code, 1, stopped.err);
    assert.match(stopped.err, /did not stop cleanly: not stopped within 500 ms: stuck waiting for the clients to go/);
    assert.equal((await node.done).code, 1);

    const killed = await serve();
    const other = start(['connect', '-s', String(killed.port)]);
    await other.says('clientId');
    const stopping = start(['stop', '--drain', '1h']);
    other.process.kill('SIGSTOP');
    await stopping.says('draining');
    killed.process.kill('SIGKILL');
    assert.deepEqual([(await stopping.done).code, /killed or crashed/.test(stopping.err())], [1, true]);
  });

  it('answers what a client sends, and connect --expect ends with the answer', async (t) => {
    const { run, serve } = await createYunque(t);
    const { port } = await serve();
    for (const dialect of ['yunque', 'cim', 'cim-json', 'json']) {
      const uid = dialect === 'json' ? [] : ['--uid', 'alice'];
      const ran = await run(
        ['connect', String(port), '--dialect', dialect, ...uid, '--expect', '"code":"?404', '--exit-after', '10s'],
        { stdin: 'nothing {"a":1}\n' },
      );
      assert.equal(ran.code, 0, `${dialect}: ${ran.out}${ran.err}`);
    }
  });

  it('lists the ports where several nodes run, and names one by its port', async (t) => {
    const { run, serve } = await createYunque(t);
    const [a, b] = await Promise.all([serve(), serve()]);
    const { code, err } = await run(['stats']);
    assert.equal(code, 2);
    for (const { port } of [a, b]) assert.match(err, new RegExp(`\\b${port}\\b`));
    const stats = json(await run(['stats', '-s', String(a.port), '--json']));
    assert.ok(stats.nodes[0].addresses.some((address: string) => address.endsWith(`:${a.port}`)));
    const { code: named } = await run(['stats', '-s', `http://127.0.0.1:${b.port}`]);
    assert.equal(named, 0);
  });

  it('ends quietly when the reader of its output goes away, and with 130 on Ctrl-C', async (t) => {
    const { start, run, serve } = await createYunque(t);
    await serve();
    const watching = start(['stats', '--watch', '100ms']);
    await watching.says('health');
    watching.process.stdout?.destroy();
    const { code, err } = await watching.done;
    assert.deepEqual([code, err], [0, '']);
    const client = start(['connect', '--uid', 'alice'], { stdin: 'open' });
    await client.says('client_bind');
    client.process.kill('SIGINT');
    assert.equal((await client.done).code, 130);
    assert.equal((await run(['connect', '--uid', 'alice', '--expect', 'never', '--exit-after', '300ms'])).code, 6);
  });

  it('--stdin sends what a pipe brings', async (t) => {
    const { start, run, serve } = await createYunque(t);
    await serve();
    const client = start(['connect', '--exit-after', '100', '--json']);
    await client.says('clientId');
    const stdin = Array.from({ length: 100 }, (_, index) => `{"n":${index}}`).join('\n');
    const sent = await run(['send', '--all', '--stdin', '--json'], { stdin });
    assert.deepEqual([sent.code, json(sent).sent, json(sent).delivered], [0, 100, 100]);
    const { code, out } = await client.done;
    assert.equal(code, 0);
    const numbers = lines(out)
      .filter(({ type }) => type === 'message')
      .map(({ frame }) => frame.data.n);
    assert.deepEqual(
      numbers,
      Array.from({ length: 100 }, (_, index) => index),
    );
  });
});
