import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Consumer, stringDeserializers } from '@platformatic/kafka';
import { connect as connectRabbit } from 'amqplib';
import { Redis } from 'ioredis';
import { doorServers } from '../support/door-publishers.ts';
import { eventually } from '../support/eventually.ts';
import { startTestNode } from '../support/node.ts';
import type { Scope } from '../support/services/scope.ts';
import { join } from '../support/ws-clients.ts';

const kinds = ['channel', 'stream', 'kafka', 'rabbitmq'] as const;
type Fact = Readonly<Record<string, unknown>>;

/** Whatever comes to the four places of that name, as ordinary clients of their servers read it. */
async function listen(t: Scope, servers: Awaited<ReturnType<typeof doorServers>>, name: string) {
  const heard: Record<(typeof kinds)[number], Fact[]> = { channel: [], stream: [], kafka: [], rabbitmq: [] };
  const [subscriber, redis] = [new Redis(servers.redis), new Redis(servers.redis)];
  t.after(async () => {
    subscriber.disconnect();
    redis.disconnect();
  });
  subscriber.on('message', (_, text) => heard.channel.push(JSON.parse(text)));
  await subscriber.subscribe(name);
  const rabbit = await connectRabbit(servers.rabbitmq);
  t.after(() => rabbit.close());
  const channel = await rabbit.createChannel();
  await channel.assertQueue(name, { durable: true });
  await channel.consume(name, (message) => heard.rabbitmq.push(JSON.parse(message?.content.toString() ?? 'null')), {
    noAck: true,
  });
  const consumer = new Consumer({
    clientId: 'backend',
    groupId: name,
    bootstrapBrokers: [servers.kafka],
    deserializers: stringDeserializers,
    autocreateTopics: true,
  });
  t.after(() => consumer.close(true));
  const records = await consumer.consume({ topics: [name], mode: 'earliest' });
  records.on('data', ({ value }) => heard.kafka.push(JSON.parse(value)));
  const look = async () => {
    const entries = await redis.xrange(name, '-', '+');
    heard.stream = entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('data') + 1] ?? 'null'));
    return heard;
  };
  return { look };
}

test('requests and connection events arrive in channel, stream, topic and queue, as the node knows their sender', async (t) => {
  const servers = await doorServers(t);
  const [asked, told] = [`${servers.topic}-asked`, `${servers.topic}-told`];
  // A secret would be refused among settings of a command line.
  const rabbitmq = servers.rabbitmq.replace('guest:guest@', '');
  const places = (name: string) => [
    { type: 'channel', name: 'channel', url: servers.redis, channel: name },
    { type: 'stream', name: 'stream', url: servers.redis, stream: name },
    { type: 'kafka', name: 'kafka', brokers: [servers.kafka], topic: name },
    { type: 'rabbitmq', name: 'rabbitmq', url: rabbitmq, queue: name },
  ];
  const [requests, events] = await Promise.all([listen(t, servers, asked), listen(t, servers, told)]);
  const routes = places(asked).map((place) => ({ ...place, keys: [`${place.name}.*`] }));
  const set = [`uplink.routes=${JSON.stringify(routes)}`, `events.sinks=${JSON.stringify(places(told))}`];
  await using node = await startTestNode({ set });
  let last = '';
  await eventually(
    'all ways out are ready',
    async () => {
      const { sinks = [] } = (await node.admin.stats()).nodes[0] ?? {};
      last = JSON.stringify(sinks);
      return sinks.length === 8 && sinks.every(({ state }) => state === 'ready');
    },
    30_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${last}`);
  });
  const alice = await join(node, 'yunque', { bind: { uid: 'alice', channel: 'web', deviceId: 'd' } });
  for (const kind of kinds) {
    for (const number of ['1', '2']) {
      const { body } = await alice.request(`${kind}.order`, { number, uid: 'mallory' });
      assert.equal(body['code'], '202', kind);
    }
  }
  alice.ws.close();
  for (const kind of kinds) {
    await eventually(`requests in ${kind}`, async () => (await requests.look())[kind].length === 2);
    const got = (await requests.look())[kind];
    assert.deepEqual(
      got.map(({ system, uid, cid, deviceId, key }) => ({ system, uid, cid: String(cid), deviceId, key })),
      Array(2).fill({ system: 'default', uid: 'alice', cid: alice.cid, deviceId: 'd', key: `${kind}.order` }),
    );
    assert.deepEqual(
      got.map(({ data }) => (data as Fact)['number']),
      ['1', '2'],
    );
    const isOffline = ({ type }: Fact) => type === 'offline';
    await eventually(`events in ${kind}`, async () => (await events.look())[kind].some(isOffline));
    const seen = (await events.look())[kind];
    assert.deepEqual(
      seen.map(({ type }) => type),
      ['node_up', 'online', 'bind', 'offline'],
      kind,
    );
    const numbers = seen.map(({ sequence }) => Number(sequence));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
    );
  }
});
