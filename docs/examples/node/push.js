// Pushes one message to a user through each door named: node push.js UID DOOR...
import { randomUUID } from 'node:crypto';
import { create, toBinary, toJsonString } from '@bufbuild/protobuf';
import { Producer } from '@platformatic/kafka';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import { MessageProtoSchema, MessagesPubProtoSchema, SendActProto } from './yunque_pb.js';

const {
  REDIS_URL = 'redis://127.0.0.1:6379',
  KAFKA_BROKERS = '127.0.0.1:9092',
  AMQP_URL = 'amqp://127.0.0.1:5672',
  HTTP_URL = 'http://127.0.0.1:666',
  TOPIC = 'chat',
} = process.env;

function message(uid, door) {
  return create(MessageProtoSchema, {
    id: 9007199254740993n,
    action: 'order',
    sender: 'shop',
    receiver: uid,
    title: `node through ${door}`,
    // Values are text: what is nested goes in as JSON.
    content: { order: JSON.stringify({ items: ['tea', '杯子'], total: 12.5 }) },
    sendTime: BigInt(Date.now()),
  });
}

function record(uid, door) {
  const pub = create(MessagesPubProtoSchema, { Uid: uid, act: SendActProto.SENDUIDS, msg: [message(uid, door)] });
  return Buffer.from(toBinary(MessagesPubProtoSchema, pub));
}

const doors = {
  async channel(uid) {
    const redis = new Redis(REDIS_URL);
    await redis.publish(TOPIC, record(uid, 'channel'));
    await redis.quit();
  },

  async stream(uid) {
    const redis = new Redis(REDIS_URL);
    await redis.xadd(TOPIC, '*', 'data', record(uid, 'stream'));
    await redis.quit();
  },

  async kafka(uid) {
    const producer = new Producer({ clientId: 'push', bootstrapBrokers: KAFKA_BROKERS.split(',') });
    // The key keeps what one user gets in order.
    await producer.send({ messages: [{ topic: TOPIC, key: Buffer.from(uid), value: record(uid, 'kafka') }] });
    await producer.close();
  },

  async rabbitmq(uid) {
    const connection = await connect(AMQP_URL);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(TOPIC, { durable: true });
    // By its id a message that comes again is recognised.
    channel.sendToQueue(TOPIC, record(uid, 'rabbitmq'), { messageId: randomUUID(), persistent: true });
    await channel.waitForConfirms();
    await connection.close();
  },

  async http(uid) {
    const answer = await fetch(`${HTTP_URL}/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: toJsonString(MessageProtoSchema, message(uid, 'http')),
    });
    if (!answer.ok) throw new Error(await answer.text());
  },
};

const [uid, ...names] = process.argv.slice(2);
for (const name of names) await doors[name](uid);
