import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '../../src/api/event.ts';
import { startTestNode, type TestNode } from '../support/node.ts';
import { connect } from '../support/ws-clients.ts';

const forwarded = { 'X-Forwarded-For': '192.0.2.66, 203.0.113.9:4711, 127.0.0.5' };

async function addressOfClient(node: TestNode, headers: Readonly<Record<string, string>>): Promise<string | undefined> {
  const client = await connect(node, 'json', { headers });
  await client.next(({ type }) => type === 'hello', 'a first frame');
  const { items } = await node.admin.connections();
  await client.close();
  return items[0]?.remoteAddress;
}

type Refused = Extract<NodeEvent, { type: 'refused' }>;

async function refusedPush(node: TestNode, headers: Readonly<Record<string, string>>): Promise<Refused> {
  const body = '{"msg":"hi"}';
  const answer = await fetch(`${node.url}/api/send_to_system`, {
    method: 'POST',
    body,
    headers: { SystemId: 'default', ...headers },
  });
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /forwarded/);
  for await (const item of node.admin.events({ backlog: 10, types: ['refused'] })) {
    if (item.type === 'event' && item.event.type === 'refused') return item.event;
  }
  throw new Error('the refusal was no event');
}

test('behind a proxy of proxy.trusted clients have the address it says, and are trusted no more for it', async () => {
  await using node = await startTestNode({ set: ['proxy.trusted=127.0.0.0/8'] });
  assert.equal(await addressOfClient(node, forwarded), '203.0.113.9');
  assert.equal(await addressOfClient(node, {}), '127.0.0.1');
  assert.equal((await refusedPush(node, forwarded)).remoteAddress, '203.0.113.9');
});

test('an address of a trusted network that a proxy tells of is not trusted', async () => {
  await using node = await startTestNode({
    set: ['proxy.trusted=127.0.0.0/8', 'auth.trustedNetworks=10.0.0.0/8'],
  });
  assert.equal((await refusedPush(node, { 'X-Forwarded-For': '10.0.0.1' })).remoteAddress, '10.0.0.1');
});

test('without proxy.trusted nobody says which address is his', async () => {
  await using node = await startTestNode();
  assert.equal(await addressOfClient(node, forwarded), '127.0.0.1');
  assert.equal((await refusedPush(node, forwarded)).remoteAddress, '127.0.0.1');
});
