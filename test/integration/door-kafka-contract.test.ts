import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { Consumer, Producer } from '@platformatic/kafka';
import { createKafkaSource } from '../../src/ingress/queue/sources/kafka.ts';
import { testSource } from '../contract/source.ts';
import { sharedService } from '../support/services/shared.ts';

const { url, prefix } = await sharedService({ after }, 'kafka');
const stranger = { clientId: 'stranger', bootstrapBrokers: url.split(','), retries: 20, retryDelay: 100 };
const producer = new Producer(stranger);
after(() => producer.close());

const traits = { isAtLeastOnce: true, hasHeaders: true, patienceMs: 30_000 };

testSource('kafka', traits, async () => {
  const topic = `${prefix}-${randomUUID()}`;
  const options = { brokers: url.split(','), topic, group: topic, clientId: 'node', door: 'contract', lagEveryMs: 100 };
  let letters: { body: Buffer; reason: string }[] | undefined;
  const consumers: Consumer[] = [];
  return {
    open: () => createKafkaSource({ ...options, warn: () => {} }),
    publish: async (records) => {
      const messages = records.map(({ body, ...headers }) => ({
        topic,
        key: Buffer.from('u1'),
        value: body,
        headers: new Map(Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)])),
      }));
      await producer.send({ messages });
    },
    parked: async () => {
      if (letters === undefined) {
        const consumer = new Consumer({ ...stranger, groupId: `${topic}-letters` });
        consumers.push(consumer);
        const parked: { body: Buffer; reason: string }[] = [];
        letters = parked;
        const stream = await consumer.consume({ topics: [`${topic}.dead`], mode: 'earliest', maxWaitTime: 100 });
        stream.on('data', ({ value, headers }) => {
          const texts = new Map([...headers].map(([name, text]) => [name.toString(), text.toString()]));
          parked.push({ body: value, reason: texts.get('reason') ?? '' });
        });
      }
      return letters;
    },
    [Symbol.asyncDispose]: async () => {
      for (const consumer of consumers) await consumer.close(true);
    },
  };
});
