import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { refusal } from '../support/refusal.ts';
import { join, type WsClient } from '../support/ws-clients.ts';

const padding = 'x'.repeat(32 * 1024);

let node: TestNode;
before(async () => {
  const classes = 'outbox.classes={ticks: conflate, typing: drop-newest, feed: drop-oldest, chat: disconnect}';
  node = await startTestNode({ set: ['outbox.maxBytes=256KiB', classes] });
});
after(() => node[Symbol.asyncDispose]());

async function stalledClient(): Promise<WsClient> {
  const client = await join(node, 'json');
  client.ws.pause();
  return client;
}

interface Sent {
  readonly last: number;
  readonly outboxFull: number;
}

/** Pushes numbered messages of one class until the node has had to drop some. */
async function pushUntilDropped(
  client: WsClient,
  classOf: (n: number) => { class: string; key?: string },
): Promise<Sent> {
  const reasons = ['conflated', 'displaced', 'outbox_full'];
  const droppedNow = async () => {
    const dropped = (await node.admin.stats()).nodes[0]?.dropped ?? {};
    return reasons.reduce((sum, reason) => sum + (dropped[reason] ?? 0), 0);
  };
  const before = await droppedNow();
  let outboxFull = 0;
  for (let n = 0; ; n += 1) {
    assert.ok(n < 4000, 'the kernel took 125 MiB for a client that does not read');
    const target = { to: 'connections', ids: [client.clientId] } as const;
    const receipt = await node.admin.send({ target, push: { msg: String(n), data: padding }, ...classOf(n) });
    outboxFull += receipt.dropped.outbox_full ?? 0;
    if ((await droppedNow()) - before > 20) return { last: n, outboxFull };
  }
}

async function numbersHeard(client: WsClient, enough: (numbers: readonly number[]) => boolean): Promise<number[]> {
  const numbers = () => client.messages.map(({ msg }) => Number(msg));
  client.ws.resume();
  await eventually('it has heard what there is', () => enough(numbers()));
  return numbers();
}

describe('a client that does not read stays, where the class of its messages spares it', () => {
  test('conflate: it hears the newest of each key', async () => {
    const client = await stalledClient();
    const { last } = await pushUntilDropped(client, (n) => ({ class: 'ticks', key: n % 2 === 0 ? 'EUR' : 'USD' }));
    const heard = await numbersHeard(client, (numbers) => numbers.at(-1) === last);
    assert.deepEqual(heard.slice(-2), [last - 1, last]);
    assert.ok(heard.length < last, `${heard.length} of ${last + 1}`);
    assert.equal(client.ended, undefined);
  });

  test('drop-oldest: it hears the newest, in order', async () => {
    const client = await stalledClient();
    const { last } = await pushUntilDropped(client, () => ({ class: 'feed' }));
    const heard = await numbersHeard(client, (numbers) => numbers.at(-1) === last);
    assert.deepEqual(
      heard,
      [...heard].sort((a, b) => a - b),
    );
    assert.ok(heard.length < last + 1 && heard.length > 3);
  });

  test('drop-newest: it hears the oldest, and the receipts say what was dropped', async () => {
    const client = await stalledClient();
    const { last, outboxFull } = await pushUntilDropped(client, () => ({ class: 'typing' }));
    const taken = last + 1 - outboxFull;
    const heard = await numbersHeard(client, (numbers) => numbers.length === taken);
    assert.deepEqual(
      heard,
      Array.from({ length: taken }, (_, n) => n),
    );
  });

  test('disconnect: it is closed with 4008, as without a class', async () => {
    const client = await stalledClient();
    const target = { to: 'connections', ids: [client.clientId] } as const;
    for (let n = 0, dropped = 0; dropped === 0; n += 1) {
      assert.ok(n < 4000);
      const receipt = await node.admin.send({ target, push: { data: padding }, class: 'chat' });
      dropped = receipt.dropped.slow_consumer ?? 0;
    }
    client.ws.resume();
    assert.equal((await client.closed).code, 4008);
  });
});

describe('a message class', () => {
  const pushes = [
    ['/api/send_to_system', '{"data":1}', { SystemId: 'default' }],
    ['/send', '{"receiver":"alice","action":"a"}', {}],
    ['/send/all', '{"action":"a"}', {}],
    ['/send/toUids', '{"message":{"action":"a"},"uids":["alice"]}', {}],
    ['/send/sendList', '[{"receiver":"alice","action":"a"}]', {}],
    ['/api/message/send?sender=0&receiver=alice&action=2', '', {}],
  ] as const;

  for (const [path, body, headers] of pushes) {
    test(`is named in a header of ${path}, and refused where it is not configured`, async () => {
      const ask = async (more: Record<string, string>) => {
        const answer = await fetch(node.url + path, { method: 'POST', body, headers: { ...headers, ...more } });
        return await answer.text();
      };
      assert.match(await ask({ 'X-Yunque-Class': 'ticks', 'X-Yunque-Key': 'EUR' }), /"code":(0|200)\b/);
      assert.match(await ask({ 'X-Yunque-Class': 'nothing' }), /there is no message class \\"nothing/);
      assert.match(await ask({ 'X-Yunque-Key': 'EUR' }), /X-Yunque-Class/);
    });
  }

  test('of the admin API is refused with its field, where it is not configured or a key has none', async () => {
    const send = (more: object) => node.admin.send({ target: { to: 'system' }, push: {}, ...more });
    await assert.rejects(send({ class: 'nothing' }), refusal('bad_request'));
    await assert.rejects(send({ class: '__proto__' }), refusal('bad_request'));
    await assert.rejects(send({ key: 'EUR' }), refusal('bad_request'));
    await send({ class: 'ticks' });
  });
});
