import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { openRaw, type RawClient } from '../support/raw-client.ts';
import { clientFrame, opcode } from '../support/raw-frames.ts';
import { connectRefused, join } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';

const text = (bytes: number) => clientFrame(opcode.text, Buffer.alloc(bytes, 'x'));
const ping = clientFrame(opcode.ping, Buffer.alloc(0));
const unfinished = clientFrame(opcode.text, Buffer.alloc(10, 'x'), { fin: false });

async function openAt(node: TestNode, path = '/ws'): Promise<RawClient> {
  const client = await openRaw(node.port);
  await client.upgrade(node.port, path);
  return client;
}

/** The code of the node’s close frame; the client then goes without answering it. */
async function endOf(client: RawClient): Promise<number> {
  await eventually('a close frame, or the end', () => {
    return client.socket.closed || client.frames.some((frame) => frame.opcode === opcode.close);
  });
  client.socket.destroy();
  return client.closeCode();
}

async function statsOf(node: TestNode) {
  const [stats] = (await node.admin.stats()).nodes;
  assert.ok(stats !== undefined);
  return stats;
}

/** What the limits of this file are there for: whoever trips one is refused or closed, and all else goes on. */
async function assertUnharmed(node: TestNode): Promise<void> {
  await eventually('everybody who is here gets a push', async () => {
    const { matched, delivered } = await node.admin.send({ target: { to: 'system' }, push: { msg: 'still here' } });
    return matched === delivered;
  });
  assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
}

describe('limits.payload', () => {
  for (const [set, json, yunque] of [
    [[], 65_536, 65_536],
    [['compat=go-websocket'], 8192, 65_536],
    [['compat=go-websocket', 'limits.payload=4KiB'], 4096, 4096],
  ] as const) {
    test(`with ${set.join(' and ') || 'no setting'} is ${json} bytes for json, ${yunque} for others`, async () => {
      await using node = await startTestNode({ set });
      for (const [path, most] of [
        ['/ws', json],
        ['/yunque', yunque],
      ] as const) {
        const over = await openAt(node, path);
        over.socket.write(clientFrame(opcode.binary, Buffer.alloc(most + 1)));
        assert.equal(await endOf(over), 1009);
        const fits = await openAt(node, path);
        fits.socket.write(clientFrame(opcode.binary, Buffer.alloc(most)));
        fits.socket.write(clientFrame(opcode.close, Buffer.from([3, 0xe8])));
        assert.equal(await endOf(fits), 1000);
      }
    });
  }
});

describe('limits.assembly', () => {
  const set = ['limits.assembly=400ms', 'bindTimeout=1h', 'heartbeat.protobuf.timeout=2h'];
  const drips = { 'half a frame': text(1000).subarray(0, 500), 'a message in fragments': unfinished };

  for (const [what, bytes] of Object.entries(drips)) {
    for (const path of ['/ws', '/yunque']) {
      test(`closes who leaves ${what} on ${path} unfinished, though it goes on sending (4002)`, async () => {
        await using node = await startTestNode({ set });
        const client = await openAt(node, path);
        client.socket.write(bytes);
        const drip = setInterval(() => client.socket.write(bytes === unfinished ? ping : Buffer.from('x')), 50);
        try {
          assert.equal(await endOf(client), 4002);
        } finally {
          clearInterval(drip);
        }
        await eventually('it is counted', async () => (await statsOf(node)).disconnects['4002'] === 1);
        await assertUnharmed(node);
      });
    }
  }

  test('leaves those alone who have finished, and those who send nothing', async () => {
    await using node = await startTestNode({ set });
    const [done, silent, half] = [await openAt(node), await openAt(node), await openAt(node)];
    const whole = text(500);
    for (const piece of [whole.subarray(0, 200), whole.subarray(200)]) done.socket.write(piece);
    half.socket.write(whole.subarray(0, 200));
    assert.equal(await endOf(half), 4002);
    await eventually('two are left', async () => (await statsOf(node)).connections === 2);
    await assertUnharmed(node);
    for (const { socket } of [done, silent]) socket.destroy();
  });
});

describe('limits.unfinished', () => {
  test('closes those that have been unfinished longest, and nobody who finishes (4001)', async () => {
    await using node = await startTestNode({ set: ['limits.unfinished=256KiB', 'limits.assembly=1h'] });
    const whole = await join(node, 'json');
    const clients: RawClient[] = [];
    for (let n = 0; n < 6; n += 1) {
      const client = await openAt(node);
      client.socket.write(text(60_000).subarray(0, 50_000));
      clients.push(client);
      await eventually('it has been read', async () => (await statsOf(node)).connections >= 1);
    }
    assert.equal(await endOf(clients[0] as RawClient), 4001);
    await eventually('the rest has room', async () => (await statsOf(node)).connections <= 6);
    whole.ws.send('x'.repeat(60_000));
    whole.ws.send('{"key":"ping"}');
    await whole.next(({ raw }) => raw.includes('pong'));
    for (const { socket } of clients) socket.destroy();
  });
});

describe('limits.frameRate', () => {
  const kinds = { pings: ping, pongs: clientFrame(opcode.pong, Buffer.alloc(0)), 'ignored frames': text(2) };
  for (const [what, bytes] of Object.entries(kinds)) {
    test(`closes who sends more ${what} at once than limits.frameBurst (4013)`, async () => {
      await using node = await startTestNode({ set: ['limits.frameRate=1', 'limits.frameBurst=50'] });
      const client = await openAt(node);
      client.socket.write(Buffer.concat(Array.from({ length: 50 }, () => bytes)));
      client.socket.write(text(2));
      assert.equal(await endOf(client), 4013);
      await eventually('it is counted', async () => (await statsOf(node)).disconnects['4013'] === 1);
      const calm = await openAt(node);
      calm.socket.write(Buffer.concat(Array.from({ length: 49 }, () => bytes)));
      calm.socket.write(clientFrame(opcode.close, Buffer.from([3, 0xe8])));
      assert.equal(await endOf(calm), 1000);
      await assertUnharmed(node);
    });
  }
});

describe('limits.connections', () => {
  test('refuses newcomers with 503 and its name; the operator and HTTP go on, and who leaves makes room', async () => {
    await using node = await startTestNode({ set: ['limits.connections=3'] });
    const clients = await Promise.all(dialectNames.slice(0, 3).map((dialect) => join(node, dialect)));
    const { status, body } = await connectRefused(node, 'json');
    assert.equal(status, 503);
    assert.match(body, /3 connections already \(limits\.connections\)/);
    assert.equal((await statsOf(node)).refused['limit_reached'], 1);
    await assertUnharmed(node);
    assert.equal((await fetch(`${node.url}/readyz`)).status, 200);
    await clients[0]?.close();
    await eventually('there is room', async () => {
      const client = await join(node, 'json').catch(() => undefined);
      await client?.close();
      return client !== undefined;
    });
    for (const client of clients.slice(1)) await client.close();
  });

  test('holds for a crowd that comes in one moment', async () => {
    await using node = await startTestNode({ set: ['limits.connections=20'] });
    const asked = Array.from({ length: 100 }, async () => {
      const client = await openRaw(node.port);
      await client.upgrade(node.port, '/ws').catch(() => {});
      return client;
    });
    const clients = await Promise.all(asked);
    assert.equal(clients.filter(({ status }) => status === 101).length, 20);
    assert.equal(clients.filter(({ status }) => status === 503).length, 80);
    assert.equal((await statsOf(node)).refused['limit_reached'], 80);
    for (const { socket } of clients) socket.destroy();
  });
});

test('limits.connectionsPerAddress counts the address that a trusted proxy names', async () => {
  const set = ['limits.connectionsPerAddress=2', 'proxy.trusted=[127.0.0.1]'];
  await using node = await startTestNode({ set });
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  const clients = [await join(node, 'json', from('192.0.2.1')), await join(node, 'json', from('192.0.2.1'))];
  const { status, body } = await connectRefused(node, 'json', from('192.0.2.1'));
  assert.equal(status, 503);
  assert.match(body, /limits\.connectionsPerAddress/);
  clients.push(await join(node, 'json', from('192.0.2.2')));
  for (const client of clients) await client.close();
});

test('limits.acceptRate refuses with 503 and Retry-After before anything else is asked', async () => {
  await using node = await startTestNode({ set: ['limits.acceptRate=1', 'limits.acceptBurst=5'] });
  const clients = await Promise.all(Array.from({ length: 5 }, () => join(node, 'json')));
  const { status, body } = await connectRefused(node, 'json', { system: 'nobody-knows-it' });
  assert.equal(status, 503);
  assert.match(body, /limits\.acceptRate/);
  assert.equal((await statsOf(node)).refused['too_many_requests'], 1);
  await eventually('the next one is let in', async () => {
    const client = await join(node, 'json').catch(() => undefined);
    await client?.close();
    return client !== undefined;
  });
  for (const client of clients) await client.close();
});

test('limits.flapping refuses an address that comes again and again with 429, and lets it in after the ban', async () => {
  const set = ['limits.flapping=3', 'limits.flappingBan=1s', 'proxy.trusted=[127.0.0.1]'];
  await using node = await startTestNode({ set });
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  for (let n = 0; n < 3; n += 1) await (await join(node, 'json', from('192.0.2.1'))).close();
  const { status, body } = await connectRefused(node, 'json', from('192.0.2.1'));
  assert.equal(status, 429);
  assert.match(body, /limits\.flapping/);
  await (await join(node, 'json', from('192.0.2.2'))).close();
  await eventually('the ban is over', async () => {
    const client = await join(node, 'json', from('192.0.2.1')).catch(() => undefined);
    await client?.close();
    return client !== undefined;
  });
});

describe('a node short of memory (limits.memory)', () => {
  test('refuses newcomers with 503 and says so everywhere; the operator, backends and its own probe go on', async () => {
    await using node = await startTestNode({ set: ['limits.memory=16MiB', 'probe.interval=100ms'] });
    const { status, body } = await connectRefused(node, 'json');
    assert.equal(status, 503);
    assert.match(body, /no more connections: \d+ % of the memory is used \(limits\.memory\)/);
    const { shedding, refused, health } = await statsOf(node);
    assert.deepEqual([shedding, refused['unavailable'], health.verdict], [['memory'], 1, 'degraded']);
    assert.match(health.reasons.join(), /newcomers are refused: .*limits\.memory/);
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    assert.match(metrics, /^yunque_shedding\{reason="memory"\} 1$/m);
    assert.match(metrics, /^yunque_shedding\{reason="heap"\} 0$/m);
    const ready = await fetch(`${node.url}/readyz`);
    assert.deepEqual([ready.status, await ready.text()], [200, 'degraded']);
    assert.equal((await post(node, '/api/send_to_system', { systemId: 'default' }, 'default')).status, 200);
    await assertUnharmed(node);
  });

  test('closes the longest queues', async () => {
    await using node = await startTestNode({ set: ['limits.memory=16MiB', 'outbox.maxBytes=64MiB'] });
    // Through the operator’s socket nobody is refused: these are here though the node sheds.
    const { socketFile } = node.node.operator;
    const stalled = await join(node, 'json', { url: `ws+unix:${socketFile}:/ws` });
    const healthy = await join(node, 'json', { url: `ws+unix:${socketFile}:/ws` });
    stalled.ws.pause();
    let closed = false;
    for (let n = 0; !closed; n += 1) {
      assert.ok(n < 2000, 'nobody was closed');
      await node.admin.send({ target: { to: 'system' }, push: { data: 'x'.repeat(100_000) } });
      closed = ((await statsOf(node)).disconnects['4008'] ?? 0) > 0;
    }
    assert.equal(healthy.ended, undefined);
    stalled.ws.terminate();
    await healthy.close();
  });
});
