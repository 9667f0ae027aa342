import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { createAuthority } from '../../support/certificates.ts';
import { type KafkaOptions, startKafka } from '../../support/services/kafka.ts';
import type { Service } from '../../support/services/service.ts';

type Ways = Pick<ConstructorParameters<typeof Admin>[0], 'tls' | 'sasl'>;

it('Kafka keeps its port and what was written through kill -9, unless it starts without its data', async (t) => {
  const broker = await startKafka(t);
  await createTopic(broker);
  await write(broker, 'hello');
  await broker.stop();
  await assert.rejects(topics(broker));
  await broker.start();
  await write(broker, 'again');
  assert.deepEqual(await read(broker, 2), ['hello', 'again']);
  await broker.start({ keepData: false });
  assert.deepEqual(await topics(broker), []);
});

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256'] as const) {
  it(`Kafka asks for TLS and a password by ${mechanism}`, async (t) => {
    const authority = await createAuthority();
    t.after(() => authority[Symbol.asyncDispose]());
    const tls = { ...(await authority.issue('server')), ca: authority.file };
    const user = { username: 'alice', password: 'secret' };
    const broker = await startKafka(t, { tls, sasl: { mechanism, ...user } } satisfies KafkaOptions);
    const ca = [await readFile(authority.file)];
    const sasl = { mechanism, ...user };
    assert.deepEqual(await topics(broker, { tls: { ca }, sasl }), []);
    await createTopic(broker, { tls: { ca }, sasl });
    await write(broker, 'hello', { tls: { ca }, sasl });
    await assert.rejects(topics(broker, { tls: { ca } }));
    await assert.rejects(topics(broker, { tls: { ca }, sasl: { ...sasl, password: 'wrong' } }));
    await assert.rejects(topics(broker, { tls: {}, sasl }));
  });
}

const optionsOf = ({ url }: Service, ways: Ways = {}) => {
  return { clientId: 'test', bootstrapBrokers: [url], timeout: 5000, connectTimeout: 2000, retries: 2, ...ways };
};

async function topics(broker: Service, ways?: Ways): Promise<readonly string[]> {
  const admin = new Admin(optionsOf(broker, ways));
  try {
    return await admin.listTopics();
  } finally {
    await admin.close();
  }
}

async function createTopic(broker: Service, ways?: Ways): Promise<void> {
  const admin = new Admin(optionsOf(broker, ways));
  await admin.createTopics({ topics: ['kept'], partitions: 1, replicas: 1 });
  await admin.close();
}

async function write(broker: Service, value: string, ways?: Ways): Promise<void> {
  const producer = new Producer({ ...optionsOf(broker, ways), serializers: stringSerializers });
  await producer.send({ messages: [{ topic: 'kept', value }], acks: -1 });
  await producer.close();
}

async function read(broker: Service, count: number): Promise<readonly string[]> {
  const consumer = new Consumer({ ...optionsOf(broker), groupId: 'readers', deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: ['kept'], mode: 'earliest' });
  const values: string[] = [];
  for await (const { value } of stream) if (values.push(String(value)) === count) break;
  await stream.close();
  await consumer.close(true);
  return values;
}
