import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, type TestContext, test } from 'node:test';
import { openRedis } from '../../src/backends/redis.ts';
import { redisOptionsOfUrl } from '../../src/backends/redis-options.ts';
import type { ConnectionEvent } from '../../src/egress/events/connection-event.ts';
import { createConnectionEvents } from '../../src/egress/events/connection-events.ts';
import { RedisSequences } from '../../src/egress/events/redis-sequences.ts';
import type { Sequences } from '../../src/egress/events/sequences.ts';
import { createRabbitSink } from '../../src/egress/sinks/rabbitmq.ts';
import { Events } from '../../src/telemetry/events.ts';
import { eventually } from '../support/eventually.ts';
import { emitted, inShort } from '../support/presence-events.ts';
import { openRabbitChannel } from '../support/rabbit-node.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';
import { startRedis } from '../support/services/redis.ts';
import { silentLogger } from '../support/silent-logger.ts';

const redis = await startRedis({ after });
const rabbit = await startRabbitmq({ after });
/** RabbitMQ writes down late that a queue is there: one that is killed right after it was declared may forget it with all in it. */
const oldQueue = randomUUID();
const early = await openRabbitChannel({ after }, rabbit.url);
await early.assertQueue(oldQueue, { durable: true });

async function openSequences(t: TestContext, cluster: string): Promise<Sequences> {
  const link = await openRedis(redisOptionsOfUrl(redis.url, 500));
  t.after(() => link.close());
  return new RedisSequences({ client: link.client, cluster });
}

/** A node as far as its events go, told to a queue that the nodes of the test share. */
function openNode(t: TestContext, node: string, queue: string, sequences: Sequences) {
  const sink = createRabbitSink({ url: rabbit.url, to: { queue }, clientId: node });
  const events = new Events({ node });
  const told = createConnectionEvents({
    sinks: [{ name: 'presence', sink }],
    events,
    sequences,
    node,
    incarnation: 1,
    log: silentLogger(),
  });
  t.after(() => told.close());
  return { events, figures: () => told.figures()[0], flush: told.flush };
}

async function readQueue(t: TestContext, queue: string): Promise<readonly ConnectionEvent[]> {
  const channel = await openRabbitChannel(t, rabbit.url);
  const all: ConnectionEvent[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) return all;
    all.push(JSON.parse(String(message.content)));
  }
}

test('a user that moves between nodes has one growing sequence, and so has what two nodes tell at once', async (t) => {
  const [cluster, queue] = [randomUUID(), randomUUID()];
  const nodes: ReturnType<typeof openNode>[] = [];
  for (const id of ['n1', 'n2']) nodes.push(openNode(t, id, queue, await openSequences(t, cluster)));
  const expected: string[] = [];
  for (let move = 1; move <= 20; move += 1) {
    const node = nodes[move % 2];
    assert.ok(node !== undefined);
    const ana = { cid: String(move), uid: 'ana' };
    for (let other = 0; other < 20; other += 1) {
      for (const { events } of nodes) events.emit(emitted.bound({ cid: `other-${move}-${other}`, uid: 'other' }));
    }
    node.events.emit(emitted.bound(ana));
    node.events.emit(emitted.disconnected(ana));
    expected.push(`bind ${move}`, `offline ${move}`);
    // The user has seen that it is connected no more, and is then told to come elsewhere.
    await node.flush(10_000);
  }
  await Promise.all(nodes.map(({ flush }) => flush(10_000)));
  const all = await readQueue(t, queue);
  assert.equal(all.length, 2 + 20 * 40 + 40);
  assert.equal(new Set(all.map(({ sequence }) => sequence)).size, all.length);
  const ofAna = all.filter((event) => 'uid' in event && event.uid === 'ana');
  assert.deepEqual(ofAna.toSorted((a, b) => a.sequence - b.sequence).map(inShort), expected);
});

test('without Redis the sequences go on by the clock of the node, are counted, and are below those that Redis gives afterwards', async (t) => {
  const cluster = randomUUID();
  const [here, there] = [await openSequences(t, cluster), await openSequences(t, cluster)];
  const given = [await here.take(3), await there.take(1)];
  assert.ok((given[0] ?? 0) + 3 <= (given[1] ?? 0));
  await redis.stop();
  given.push(await here.take(1_000_000), await here.take(1));
  assert.equal(here.local, 1_000_001);
  await redis.start();
  await eventually(
    'Redis is asked again',
    async () => {
      const before = here.local;
      given.push(await here.take(1));
      return here.local === before;
    },
    20_000,
  );
  await eventually(
    'by the other, too',
    async () => {
      const before = there.local;
      const next = await there.take(1);
      if (there.local === before) given.push(next);
      return there.local === before;
    },
    20_000,
  );
  assert.deepEqual(
    given,
    [...new Set(given)].toSorted((a, b) => a - b),
  );
});

test('RabbitMQ is killed in the middle: nothing that waited is lost, and each user stays in order', async (t) => {
  const queue = oldQueue;
  const node = openNode(t, 'n1', queue, await openSequences(t, randomUUID()));
  let cid = 0;
  const emit = (count: number) => {
    for (let at = 0; at < count; at += 1) {
      cid += 1;
      node.events.emit(emitted.bound({ cid: String(cid), uid: `user-${cid % 50}` }));
    }
  };
  emit(2000);
  await eventually('some are taken', () => (node.figures()?.sent ?? 0) >= 500);
  await rabbit.stop();
  emit(2000);
  await eventually('it fails', () => node.figures()?.state === 'failing');
  await rabbit.start();
  emit(1000);
  await node.flush(30_000);
  assert.deepEqual([node.figures()?.waiting, node.figures()?.dropped], [0, 0]);
  const seen = new Map<string, number[]>();
  const ids = new Set<string>();
  for (const event of await readQueue(t, queue)) {
    if (event.type !== 'bind' || ids.has(event.id)) continue;
    ids.add(event.id);
    const user = event.uid ?? '';
    seen.set(user, [...(seen.get(user) ?? []), event.sequence]);
  }
  assert.equal(ids.size, 5000);
  for (const sequences of seen.values())
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
});
