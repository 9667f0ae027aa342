import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { post } from '../support/http-post.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { join, type WsClient } from '../support/ws-clients.ts';
import { dialectNames, writeRequest } from '../support/ws-decode.ts';

const OUTBOX = 64 * 1024;
const MIB = 2 ** 20;
const padding = 'x'.repeat(32 * 1024);

let node: TestNode;
before(async () => {
  node = await startTestNode({ set: [`outbox.maxBytes=${OUTBOX / 1024}KiB`, 'limits.frameRate=0'] });
});
after(() => node[Symbol.asyncDispose]());

/** Pushes to the system until `enough`, which is asked before each; the text of each push is its number. */
async function pushUntil(
  enough: (sent: number) => boolean,
  each: (receipt: Receipt, sent: number) => Promise<void> | void,
) {
  for (let sent = 0; !enough(sent); sent += 1) {
    assert.ok(sent < 4000, 'the kernel took 125 MiB for a client that does not read');
    const push = { msg: String(sent), data: padding };
    await each(await node.admin.send({ target: { to: 'system' }, push }), sent);
  }
}

type Receipt = Awaited<ReturnType<TestNode['admin']['send']>>;

for (const dialect of dialectNames) {
  test(`a ${dialect} client that stops reading is closed with 4008; nobody else notices, and memory stays bounded`, async () => {
    const healthy = await Promise.all(dialectNames.map((other) => join(node, other)));
    const stalled = await join(node, dialect);
    stalled.ws.pause();
    const [before] = (await node.admin.stats()).nodes;
    const receipts: Receipt[] = [];
    let mostQueued = 0;
    let tooSlow: number | undefined;
    await pushUntil(
      (sent) => tooSlow !== undefined && sent > tooSlow + 20,
      async (receipt, sent) => {
        receipts.push(receipt);
        if (receipt.dropped.slow_consumer !== undefined) tooSlow ??= sent;
        const [stats] = (await node.admin.stats()).nodes;
        mostQueued = Math.max(mostQueued, stats?.outboxBytes ?? 0);
      },
    );
    const cut = tooSlow ?? -1;
    assert.ok(cut > 0);
    assert.ok(mostQueued > 0 && mostQueued <= OUTBOX * (healthy.length + 1), `${mostQueued} bytes queued`);
    for (const [at, { matched, delivered, dropped }] of receipts.entries()) {
      const expected =
        at < cut
          ? { matched: 5, delivered: 5, dropped: {} }
          : at === cut
            ? { matched: 5, delivered: 4, dropped: { slow_consumer: 1 } }
            : { matched: 4, delivered: 4, dropped: {} };
      assert.deepEqual({ matched, delivered, dropped }, expected, `push ${at}`);
    }
    const [stats] = (await node.admin.stats()).nodes;
    assert.equal((stats?.dropped['slow_consumer'] ?? 0) - (before?.dropped['slow_consumer'] ?? 0), 1);
    assert.equal((stats?.disconnects['4008'] ?? 0) - (before?.disconnects['4008'] ?? 0), 1);
    assert.equal(stats?.connections, healthy.length);
    const last = (await node.admin.history(stalled.ref)).items.at(-1);
    assert.ok(last?.type === 'disconnected' && last.code === 4008 && last.end !== undefined);
    const { delivered, dropped, queueBytes } = last.end;
    assert.deepEqual([delivered, dropped], [cut, 1]);
    assert.ok(queueBytes > OUTBOX / 4 && queueBytes <= OUTBOX, `${queueBytes} bytes waited at the end`);

    for (const client of healthy) {
      await client.until(() => (client.messages.length === receipts.length ? true : undefined), 'last push');
      assert.deepEqual(
        client.messages.map(numberOf),
        receipts.map((_, at) => at),
      );
      await client.close();
    }
    // What the kernel had taken arrives, in order and without a hole; then the reason.
    stalled.ws.resume();
    assert.deepEqual(await stalled.closed, { code: 4008, reason: 'reads too slowly' });
    assert.deepEqual(
      stalled.messages.map(numberOf),
      Array.from({ length: cut }, (_, at) => at),
    );
  });
}

test('a client that never reads again is cut off, and its memory and socket come back', async () => {
  const stalled = await join(node, 'json');
  const sockets = countSockets();
  stalled.ws.pause();
  let dropped = false;
  await pushUntil(
    () => dropped,
    (receipt) => {
      dropped ||= receipt.dropped.slow_consumer === 1;
    },
  );
  assert.equal((await node.admin.connections()).total, 0);
  // ws gives the peer five seconds for its close frame.
  await eventually('the node has closed its side', () => countSockets() < sockets);
  assert.equal((await node.admin.stats()).nodes[0]?.outboxBytes, 0);
  stalled.ws.terminate();
});

test('a slow reader that reads on stays, and misses nothing', async () => {
  const client = await join(node, 'cim');
  for (let round = 0; round < 5; round += 1) {
    client.ws.pause();
    for (let n = 0; n < 10; n += 1) {
      const receipt = await node.admin.send({
        target: { to: 'system' },
        push: { msg: String(round * 10 + n), data: padding },
      });
      assert.deepEqual(receipt.dropped, {});
    }
    client.ws.resume();
    await client.until(() => (client.messages.length === (round + 1) * 10 ? true : undefined), 'its pushes');
  }
  assert.deepEqual(
    client.messages.map(numberOf),
    Array.from({ length: 50 }, (_, at) => at),
  );
  await client.close();
});

test('one message larger than the outbox reaches a client that reads', async () => {
  const client = await join(node, 'yunque');
  const receipt = await node.admin.send({ target: { to: 'system' }, push: { msg: '0', data: 'x'.repeat(4 * OUTBOX) } });
  assert.deepEqual([receipt.delivered, receipt.dropped], [1, {}]);
  await client.message();
  await client.close();
});

test('a burst larger than the outbox, written in one turn, reaches a client that reads', async () => {
  const client = await join(node, 'cim-json', { bind: { uid: 'bursty' } });
  const list = Array.from({ length: 200 }, (_, n) => ({
    receiver: 'bursty',
    action: String(n),
    title: 'x'.repeat(2000),
  }));
  const { body } = await post(node, '/send/sendList', list);
  assert.deepEqual(body.data, { total: 200, delivered: 200, offline: [] });
  await client.until(() => (client.messages.length === 200 ? true : undefined), 'the burst');
  assert.deepEqual(
    client.messages.map(({ action }) => Number(action)),
    list.map((_, n) => n),
  );
  assert.equal(client.ended, undefined);
  await client.close();
});

test('fifty stalled clients cost the node no more than fifty outboxes', async () => {
  const stalled = await Promise.all(Array.from({ length: 50 }, () => join(node, 'json')));
  for (const client of stalled) client.ws.pause();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let gone = 0;
  await pushUntil(
    () => gone === stalled.length,
    (receipt) => {
      gone += receipt.dropped.slow_consumer ?? 0;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    },
  );
  // Their frames are shared: far less than this is used.
  assert.ok(most < 50 * OUTBOX + 32 * MIB, `${most} bytes of buffers`);
  for (const client of stalled) client.ws.terminate();
});

for (const dialect of dialectNames) {
  test(`a ${dialect} client that asks on and on and reads no answer is closed with 4008`, async () => {
    const client = await join(node, dialect);
    client.ws.pause();
    const request = writeRequest(dialect, 'k'.repeat(30_000), {});
    await askOnAndOn(client, () => client.send(request));
    client.ws.resume();
    assert.equal((await client.closed).code, 4008);
  });
}

test('a client that pings on and on and reads no pong is cut off', async () => {
  const client = await join(node, 'json');
  client.ws.pause();
  await askOnAndOn(client, () => {
    for (let n = 0; n < 240; n += 1) client.ws.ping(Buffer.alloc(125));
  });
  client.ws.resume();
  // ws ends it by itself, without a close frame, when 60 pongs wait.
  assert.equal((await client.closed).code, 1006);
});

/** Until the node has had enough; the answers it holds meanwhile stay within the outbox. */
async function askOnAndOn(client: WsClient, ask: () => void): Promise<void> {
  let isHere = true;
  for (let asked = 0; isHere; asked += 1) {
    assert.ok(asked < 2000, 'the node answers somebody who does not read');
    ask();
    await eventually('the questions leave', () => client.ws.bufferedAmount < MIB);
    const [stats] = (await node.admin.stats()).nodes;
    assert.ok((stats?.outboxBytes ?? 0) <= 2 * OUTBOX, `${stats?.outboxBytes} bytes of answers wait`);
    isHere = stats?.connections !== 0;
  }
}

function numberOf(body: WsClient['messages'][number]): number {
  const { content } = body;
  if (content === undefined) return Number(body['msg']);
  return Number((typeof content === 'string' ? JSON.parse(content) : content).msg);
}

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}
