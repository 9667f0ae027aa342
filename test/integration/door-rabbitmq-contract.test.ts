import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { createRabbitSource } from '../../src/ingress/queue/sources/rabbitmq.ts';
import { testSource } from '../contract/source.ts';
import { openRabbitChannel } from '../support/rabbit-node.ts';
import { sharedService } from '../support/services/shared.ts';

const { url, prefix } = await sharedService({ after }, 'rabbitmq');
const stranger = await openRabbitChannel({ after }, url);

testSource('rabbitmq', { isAtLeastOnce: true, hasHeaders: true, countsRedelivered: true }, async () => {
  const queue = `${prefix}-${randomUUID()}`;
  // As another language's client does it: a door that declares it otherwise would not agree with it.
  await stranger.assertQueue(queue, { durable: true });
  const options = { url, queue, door: 'contract', clientId: 'node', standbyTryMs: 50, lagEveryMs: 100, warn: () => {} };
  const letters: { body: Buffer; reason: string }[] = [];
  return {
    open: () => createRabbitSource(options),
    publish: async (records) => {
      for (const { body, ...headers } of records) {
        stranger.sendToQueue(queue, body, { persistent: true, messageId: randomUUID(), headers });
      }
      // What was published before it on the channel is in the queue.
      await stranger.checkQueue(queue);
    },
    parked: async () => {
      await stranger.assertQueue(`${queue}.dead`, { durable: true });
      for (;;) {
        const letter = await stranger.get(`${queue}.dead`, { noAck: true });
        if (!letter) return letters;
        letters.push({ body: letter.content, reason: String(letter.properties.headers?.['reason']) });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stranger.deleteQueue(queue);
      await stranger.deleteQueue(`${queue}.dead`);
    },
  };
});
