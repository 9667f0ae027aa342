// A reader of a queue door in a process of its own: `source-child.ts KIND OPTIONS`. Writes what it takes, a line each, before it is acknowledged.
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createKafkaSource } from '../../src/ingress/queue/sources/kafka.ts';
import { createRabbitSource } from '../../src/ingress/queue/sources/rabbitmq.ts';

const [kind, text = '{}'] = process.argv.slice(2);
const options = { ...JSON.parse(text), warn: () => {} };
const source = kind === 'kafka' ? createKafkaSource(options) : createRabbitSource(options);
source.start(async (batch) => {
  writeSync(1, batch.map(({ body }) => `${body}\n`).join(''));
  await pause(1);
  return batch.map(() => ({ is: 'done' }));
});
