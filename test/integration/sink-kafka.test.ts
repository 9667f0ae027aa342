import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { Consumer, MessagesStreamModes } from '@platformatic/kafka';
import { createKafkaSink } from '../../src/egress/sinks/kafka.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { openKafkaAdmin } from '../support/kafka-node.ts';
import { freePort } from '../support/services/free-port.ts';
import { startKafka } from '../support/services/kafka.ts';
import type { Scope } from '../support/services/scope.ts';
import { type Arrived, testSink } from '../support/sink-suite.ts';

// A broker that sends its clients to the proxy, whichever address they came by.
const [port, inside, controller] = [await freePort(), await freePort(), await freePort()];
const proxy = await startFaultProxy({ after }, { port });
const behind = `INSIDE://127.0.0.1:${inside}`;
await startKafka(
  { after },
  {
    port,
    config: [
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=CLIENTS://127.0.0.1:${port},${behind},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=CLIENTS://127.0.0.1:${proxy.port},${behind}`,
      'num.partitions=3',
    ],
  },
);
const brokers = [`127.0.0.1:${proxy.port}`] as const;
const fresh = () => `test-${randomUUID()}`;

interface Read extends Arrived {
  readonly partition: number;
}

/** All of a topic, from its beginning. */
async function readTopic(scope: Scope, topic: string): Promise<readonly Read[]> {
  const all: Read[] = [];
  const consumer = new Consumer({ clientId: 'test', groupId: fresh(), bootstrapBrokers: [...brokers], retries: 10 });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, maxWaitTime: 50 });
  stream.on('error', () => {});
  stream.on('data', ({ key, value, headers, partition }) => {
    const id = [...headers].find(([name]) => String(name) === 'id')?.[1];
    all.push({ key: String(key), body: String(value), id: String(id), partition });
  });
  scope.after(() => consumer.close(true).catch(() => {}));
  return all;
}

testSink('kafka', async (t) => {
  const topic = fresh();
  let all: Promise<readonly Read[]> | undefined;
  t.after(() => proxy.pass());
  return {
    open: () => createKafkaSink({ brokers, topic, clientId: 'test' }),
    arrived: () => {
      all ??= readTopic(t, topic);
      return all;
    },
    goAway: () => proxy.refuse(),
    comeBack: () => proxy.pass(),
  };
});

test('a topic that is missing is made with the defaults of the broker; a key goes to the partition that Java gives it', async (t) => {
  const topic = fresh();
  const sink = createKafkaSink({ brokers, topic, clientId: 'test' });
  t.after(() => sink.close());
  const keys = ['21', 'foobar', 'a-little-bit-long-string', 'abc'];
  await sink.send(keys.map((key) => ({ key, id: key, body: '{}' })));
  const admin = openKafkaAdmin(t, brokers[0]);
  assert.equal((await admin.metadata({ topics: [topic] })).topics.get(topic)?.partitionsCount, 3);
  const all = await readTopic(t, topic);
  await eventually('they arrived', () => all.length === keys.length);
  // Kafka's UtilsTest.testMurmur2, without the sign, modulo 3.
  const murmur = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536, abc: 479470107 };
  for (const { key, partition } of all) {
    assert.equal(partition, (murmur[key as keyof typeof murmur] & 0x7fffffff) % 3, String(key));
  }
});

test('a topic that is deleted is made again', async (t) => {
  const topic = fresh();
  const sink = createKafkaSink({ brokers, topic, clientId: 'test' });
  t.after(() => sink.close());
  const one = { key: 'u1', id: 'a', body: '{}' };
  await sink.send([one]);
  const admin = openKafkaAdmin(t, brokers[0]);
  await admin.deleteTopics({ topics: [topic] });
  await eventually(
    'it is taken',
    () =>
      sink.send([one]).then(
        () => true,
        () => false,
      ),
    20_000,
  );
});

test('a wire that swallows everything: `send` rejects after its timeout', async (t) => {
  const sink = createKafkaSink({ brokers, topic: fresh(), clientId: 'test', timeoutMs: 300 });
  t.after(async () => {
    await proxy.pass();
    await sink.close();
  });
  const one = { key: 'u1', id: 'a', body: '{}' };
  await eventually('it is taken', () =>
    sink.send([one]).then(
      () => true,
      () => false,
    ),
  );
  proxy.blackhole();
  const asked = performance.now();
  await assert.rejects(sink.send([one]), /Kafka/);
  assert.ok(performance.now() - asked < 2000);
});
