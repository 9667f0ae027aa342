import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { StartError } from '../../src/util/start-error.ts';
import { type Authority, createAuthority, type Issued } from '../support/certificates.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { cli, startCli, until } from '../unit/cli/run-cli.ts';

let authority: Authority;
let issued: Issued;
let ca: string;
let node: TestNode;
before(async () => {
  authority = await createAuthority();
  issued = await authority.issue('node');
  ca = await readFile(authority.file, 'utf8');
  node = await startTestNode({
    set: withTls(issued, 'listeners=[{port: 0, dialect: cim-json}]', 'outbox.maxBytes=64KiB'),
  });
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await authority[Symbol.asyncDispose]();
});

function withTls({ cert, key }: Issued, ...more: readonly string[]): string[] {
  return [`tls.cert=${cert}`, `tls.key=${key}`, ...more];
}

function fetchTls(port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: 'localhost', port, path, ca, agent: false }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString() });
    }).on('error', reject);
  });
}

describe('a node with TLS', () => {
  test('is ready: its own probe goes over wss', async () => {
    assert.deepEqual(await fetchTls(node.port, '/readyz'), { status: 200, body: 'ok' });
  });

  test('says https in its addresses, and its operator socket is as it was', async () => {
    const addresses = (await node.admin.stats()).nodes[0]?.addresses ?? [];
    assert.deepEqual(addresses, node.node.addresses);
    for (const address of addresses) assert.match(address, /^https:/);
  });

  test('speaks WebSocket over TLS on every port', async () => {
    const heard: string[] = [];
    for (const port of node.node.ports) {
      const client = new WebSocket(`wss://localhost:${port}/ws`, { ca });
      const [hello] = (await once(client, 'message')) as [Buffer];
      assert.match(hello.toString(), /clientId/);
      client.on('message', (data) => heard.push(JSON.parse(data.toString()).msg));
      const arrived = once(client, 'message');
      await node.admin.send({ target: { to: 'system' }, push: { msg: `to ${port}` } });
      await arrived;
      client.close();
      await once(client, 'close');
    }
    assert.deepEqual(
      heard,
      node.node.ports.map((port) => `to ${port}`),
    );
  });

  test('closes a client that does not read, as without TLS', async () => {
    const client = new WebSocket(`wss://localhost:${node.port}/ws`, { ca });
    await once(client, 'message');
    client.pause();
    const push = { msg: 'm', data: 'x'.repeat(32 * 1024) };
    let dropped = 0;
    for (let sent = 0; dropped === 0; sent += 1) {
      assert.ok(sent < 4000, 'the kernel took 125 MiB for a client that does not read');
      const receipt = await node.admin.send({ target: { to: 'system' }, push });
      dropped = receipt.dropped.slow_consumer ?? 0;
    }
    const closed = once(client, 'close');
    client.resume();
    assert.equal((await closed)[0], 4008);
  });

  test('closes a plain HTTP request unanswered, and counts nothing', async () => {
    const [before] = (await node.admin.stats()).nodes;
    const socket = connectTcp(node.port, '127.0.0.1');
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'close');
    assert.doesNotMatch(answer, /HTTP/);
    const [stats] = (await node.admin.stats()).nodes;
    assert.deepEqual(stats?.refused, before?.refused);
    assert.equal((await fetchTls(node.port, '/healthz')).status, 200);
  });

  test('takes TLS 1.2 and 1.3, and nothing older', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = connectTls({ host: 'localhost', port: node.port, ca, minVersion: version, maxVersion: version });
      await once(socket, 'secureConnect');
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const socket = connectTls({ host: 'localhost', port: node.port, ca, ...old });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });
});

describe('a node whose certificate no client would take', () => {
  for (const [name, options] of [
    ['it has expired', { days: -1 }],
    ['it is for another name', { names: 'DNS:push.example.com' }],
  ] as const) {
    test(`is ready all the same: ${name}`, async () => {
      await using other = await startTestNode({ set: withTls(await authority.issue('bad', options)) });
      const [stats] = (await other.admin.stats()).nodes;
      assert.equal(typeof stats?.probeMs, 'number');
    });
  }
});

test('a node with a key of another certificate does not start, and says why', async () => {
  const other = await authority.issue('other');
  await assert.rejects(startTestNode({ set: withTls({ ...issued, key: other.key }) }), StartError);
});

describe('the command line', () => {
  const server = () => ['-s', `https://localhost:${node.port}`, '--key-file', node.node.operator.keyFile ?? ''];
  const trusting = () => ['--ca-file', authority.file];

  test('asks a server of https, known by --ca-file or YUNQUE_CA_FILE', async () => {
    const ran = await cli(['system', 'ls', '-o', 'plain', ...server(), ...trusting()]);
    assert.deepEqual([ran.exit, ran.err], [0, '']);
    assert.equal((await cli(['stats', ...server()], { env: { YUNQUE_CA_FILE: authority.file } })).exit, 0);
  });

  test('is a client of wss', async () => {
    const args = ['connect', `wss://localhost:${node.port}/ws`, '--expect', 'over tls', '--json'];
    const client = startCli([...args, ...trusting()]);
    await until(() => client.out().includes('clientId'));
    await node.admin.send({ target: { to: 'system' }, push: { msg: 'over tls' } });
    assert.equal((await client.done).exit, 0);
  });

  test('refuses a server whose certificate it does not know, and says what would help', async () => {
    for (const args of [
      ['stats', ...server()],
      ['connect', `wss://localhost:${node.port}/ws`],
    ]) {
      const { exit, err } = await cli(args);
      assert.equal(exit, 5);
      assert.match(err, /cannot connect \(no authority that is known here vouches for its certificate\)\n.*--ca-file/);
    }
    const zh = await cli(['stats', ...server(), '--lang', 'zh']);
    assert.match(zh.err, /不是由本机信任的机构签发/);
  });

  test('refuses a certificate for another name', async () => {
    await using other = await startTestNode({
      set: withTls(await authority.issue('named', { names: 'DNS:push.example.com' })),
    });
    const { exit, err } = await cli(['stats', '-s', `https://localhost:${other.port}`, ...trusting()]);
    assert.equal(exit, 5);
    assert.match(err, /its certificate is for another name/);
  });

  test('says so where one side speaks TLS and the other does not', async () => {
    const plain = await cli(['stats', '-s', `http://localhost:${node.port}`]);
    assert.equal(plain.exit, 5);
    assert.match(plain.err, /https:\/\//);
    const client = await cli(['connect', `ws://localhost:${node.port}/ws`]);
    assert.equal(client.exit, 5);
    assert.match(client.err, /wss:\/\//);
    await using other = await startTestNode();
    const secured = await cli(['stats', '-s', `https://localhost:${other.port}`]);
    assert.equal(secured.exit, 5);
    assert.match(secured.err, /no TLS is spoken there\)\n.*http:\/\//);
  });

  test('refuses a --ca-file that is none before it asks anybody', async () => {
    const missing = await cli(['stats', ...server(), '--ca-file', '/nowhere']);
    assert.deepEqual([missing.exit, missing.err], [2, 'error: --ca-file: cannot read /nowhere (ENOENT)\n']);
    const key = await cli(['stats', ...server(), '--ca-file', issued.key]);
    assert.equal(key.exit, 2);
    assert.match(key.err, /node\.key does not hold a certificate\n/);
  });
});
