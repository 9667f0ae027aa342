import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cpuMsOf } from '../support/cpu-time.ts';
import { eventually } from '../support/eventually.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';
import { clientFrame, opcode } from '../support/raw-frames.ts';
import { join, paths } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';

let node: TestNode;
before(async () => {
  node = await startTestNode();
});
after(() => node[Symbol.asyncDispose]());

const text = Buffer.from('{"key":"ping"}');
const closeFrame = (code: number, reason = '') => {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return clientFrame(opcode.close, payload);
};

/** What a client writes after the upgrade, and the code it must be closed with. */
const abuses: Readonly<Record<string, { readonly writes: readonly Buffer[]; readonly code: number }>> = {
  'an unmasked frame': { writes: [clientFrame(opcode.text, text, { masked: false })], code: 1002 },
  'the first reserved bit': { writes: [clientFrame(opcode.text, text, { reserved: 0x40 })], code: 1002 },
  'the second reserved bit': { writes: [clientFrame(opcode.text, text, { reserved: 0x20 })], code: 1002 },
  'the third reserved bit': { writes: [clientFrame(opcode.text, text, { reserved: 0x10 })], code: 1002 },
  'an unknown data opcode': { writes: [clientFrame(0x3, text)], code: 1002 },
  'an unknown control opcode': { writes: [clientFrame(0xb, text)], code: 1002 },
  'a fragmented ping': { writes: [clientFrame(opcode.ping, text, { fin: false })], code: 1002 },
  'a ping of 126 bytes': { writes: [clientFrame(opcode.ping, Buffer.alloc(126))], code: 1002 },
  'a continuation of nothing': { writes: [clientFrame(opcode.continuation, text)], code: 1002 },
  'a new message inside another': {
    writes: [clientFrame(opcode.text, text, { fin: false }), clientFrame(opcode.text, text)],
    code: 1002,
  },
  'a close frame of one byte': { writes: [clientFrame(opcode.close, Buffer.alloc(1))], code: 1002 },
  'a close code that may not be sent': { writes: [closeFrame(1006)], code: 1002 },
  'a close code of nobody': { writes: [closeFrame(999)], code: 1002 },
  'text that is not UTF-8': { writes: [clientFrame(opcode.text, Buffer.from([0xc3, 0x28]))], code: 1007 },
  'UTF-8 cut off at the end': { writes: [clientFrame(opcode.text, Buffer.from('云').subarray(0, 2))], code: 1007 },
  'a close reason that is not UTF-8': {
    writes: [clientFrame(opcode.close, Buffer.from([0x03, 0xe8, 0xff, 0xfe]))],
    code: 1007,
  },
  'a header that declares 1 GiB': {
    writes: [clientFrame(opcode.binary, Buffer.alloc(0), { declaredBytes: 2 ** 30 })],
    code: 1009,
  },
  'a header that declares 2^62 bytes': {
    writes: [clientFrame(opcode.binary, Buffer.alloc(0), { declaredBytes: 2 ** 62 })],
    code: 1009,
  },
  'fragments that together exceed the limit': {
    writes: [
      clientFrame(opcode.text, Buffer.alloc(40_000, 'x'), { fin: false }),
      clientFrame(opcode.continuation, Buffer.alloc(40_000, 'x')),
    ],
    code: 1009,
  },
  'more fragments than anybody needs': {
    writes: [
      clientFrame(opcode.text, Buffer.from('x'), { fin: false }),
      ...Array.from({ length: 100 }, () => clientFrame(opcode.continuation, Buffer.from('x'), { fin: false })),
    ],
    code: 1008,
  },
};

for (const [what, { writes, code }] of Object.entries(abuses)) {
  test(`${what} closes with ${code} in every dialect, and leaves nothing`, async () => {
    for (const dialect of dialectNames) {
      const client = await openRaw(node.port);
      await client.upgrade(node.port, paths[dialect]);
      for (const bytes of writes) client.socket.write(bytes);
      assert.equal(await client.closeCode(), code, dialect);
    }
    await assertUnharmed();
  });
}

test('UTF-8 split across fragments is one text', async () => {
  const client = await openRaw(node.port);
  await client.upgrade(node.port, '/ws');
  const bytes = Buffer.from('{"key":"云雀","data":{}}');
  client.socket.write(clientFrame(opcode.text, bytes.subarray(0, 9), { fin: false }));
  client.socket.write(clientFrame(opcode.ping, Buffer.from('between')));
  client.socket.write(clientFrame(opcode.continuation, bytes.subarray(9)));
  client.socket.write(closeFrame(1000));
  assert.equal(await client.closeCode(), 1000);
  const [, pong, reply] = client.frames;
  assert.deepEqual([pong?.opcode, pong?.payload.toString()], [opcode.pong, 'between']);
  assert.match(reply?.payload.toString() ?? '', /"code":404.*"key":"云雀"/);
});

test('frames that arrive byte by byte are frames', async () => {
  const client = await openRaw(node.port);
  await client.upgrade(node.port, '/ws');
  for (const byte of Buffer.concat([clientFrame(opcode.text, text), closeFrame(1000)])) {
    client.socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await client.closeCode(), 1000);
  assert.equal(client.frames[1]?.payload.toString(), '{"key":"pong"}');
});

test('a frame in more than 1024 pieces closes with 1008, however small they are', async () => {
  for (const dialect of dialectNames) {
    const client = await openRaw(node.port);
    await client.upgrade(node.port, paths[dialect]);
    for (const byte of clientFrame(opcode.text, Buffer.alloc(10_000, 'x'))) {
      if (client.socket.closed) break;
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await client.closeCode(), 1008, dialect);
  }
  await assertUnharmed();
});

test('a frame in the same packet as the upgrade is read after it', async () => {
  const client = await openRaw(node.port);
  client.socket.cork();
  const upgraded = client.upgrade(node.port, '/ws');
  client.socket.write(clientFrame(opcode.text, text));
  client.socket.write(closeFrame(1000));
  client.socket.uncork();
  await upgraded;
  assert.equal(await client.closeCode(), 1000);
  assert.equal(client.frames[1]?.payload.toString(), '{"key":"pong"}');
});

test('compression is offered in vain', async () => {
  const client = await openRaw(node.port);
  const answer: Buffer[] = [];
  client.socket.on('data', (bytes: Buffer) => answer.push(bytes));
  client.socket.write(rawUpgrade('/ws', ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']));
  client.socket.write(closeFrame(1000));
  await client.closeCode();
  assert.match(Buffer.concat(answer).toString('latin1'), /^HTTP\/1\.1 101 /);
  assert.doesNotMatch(Buffer.concat(answer).toString('latin1'), /permessage-deflate/i);
});

const badUpgrades: Readonly<Record<string, { readonly request: string; readonly status: number }>> = {
  'another version of WebSocket': { request: rawUpgrade('/ws', [], { version: '7' }), status: 400 },
  'no key': { request: rawUpgrade('/ws', [], { key: '' }), status: 400 },
  'a key of the wrong length': { request: rawUpgrade('/ws', [], { key: 'abc' }), status: 400 },
  POST: { request: rawUpgrade('/ws', [], { method: 'POST' }), status: 405 },
  'a path that is not there': { request: rawUpgrade('/nowhere', []), status: 404 },
  'more headers than fit': { request: rawUpgrade('/ws', [`X-Long: ${'x'.repeat(20_000)}`]), status: 431 },
  'no HTTP at all': { request: 'hello\r\n\r\n', status: 400 },
};

for (const [what, { request, status }] of Object.entries(badUpgrades)) {
  test(`an upgrade with ${what} is answered ${status}, without a stack trace`, async () => {
    const client = await openRaw(node.port);
    const answer: Buffer[] = [];
    client.socket.on('data', (bytes: Buffer) => answer.push(bytes));
    client.socket.write(request);
    await ended(client);
    const text = Buffer.concat(answer).toString();
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.doesNotMatch(text, /node:|\.ts:|\n +at /);
    await assertUnharmed();
  });
}

test('header lines made to be slow to read take no longer than any others', async () => {
  const upgradeWith = async (line: string) => {
    const client = await openRaw(node.port);
    client.socket.write(rawUpgrade('/ws', [line]));
    client.socket.write(closeFrame(1000));
    await ended(client);
  };
  /** Many, so that no single one that was unlucky counts. */
  const cpuMs = (line: string) =>
    cpuMsOf(async () => {
      for (let n = 0; n < 20; n += 1) await upgradeWith(line);
    });
  const usual = await cpuMs(`X-Long: ${'x'.repeat(14_000)}`);
  for (const evil of [`${' '.repeat(14_000)}x`, `a${','.repeat(14_000)}`, `${'a, '.repeat(4500)}"`]) {
    for (const header of ['Sec-WebSocket-Protocol: yunque.json', 'Sec-WebSocket-Extensions: a', 'Upgrade: x']) {
      const taken = await cpuMs(header + evil);
      assert.ok(taken < 10 * usual, `${header}${evil.slice(0, 3)}…: ${taken} ms, others ${usual} ms`);
    }
  }
});

async function ended(client: RawClient): Promise<void> {
  client.socket.end();
  await client.closeCode();
}

function rawUpgrade(
  path: string,
  headers: readonly string[],
  change: { method?: string; version?: string; key?: string } = {},
) {
  const { method = 'GET', version = '13', key = 'dGhlIHNhbXBsZSBub25jZQ==' } = change;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Version: ${version}`,
    ...(key === '' ? [] : [`Sec-WebSocket-Key: ${key}`]),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The node serves on, and nobody is left in it. */
async function assertUnharmed(): Promise<void> {
  await eventually('nobody is left', async () => (await node.admin.connections()).total === 0);
  const client = await join(node, 'yunque');
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
  assert.deepEqual([receipt.matched, receipt.delivered], [1, 1]);
  await client.message();
  await client.close();
}
