// A reader of a queue door in a process of its own: `source-child.ts KIND OPTIONS`. Writes its states, and what it takes, a line each, before it is acknowledged.
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createKafkaSource } from '../../src/ingress/queue/sources/kafka.ts';
import { createRabbitSource } from '../../src/ingress/queue/sources/rabbitmq.ts';
import { createStreamSource } from '../../src/ingress/queue/sources/stream.ts';

const [kind, text = '{}'] = process.argv.slice(2);
const { pauseMs = 1, ...given } = JSON.parse(text);
const options = { ...given, warn: () => {} };
const factories = { kafka: createKafkaSource, rabbitmq: createRabbitSource, stream: createStreamSource };
const source = factories[kind as keyof typeof factories](options);
source.onState(() =>
  writeSync(
    1,
    `state ${source.status.state}
`,
  ),
);
source.start(async (batch) => {
  writeSync(1, batch.map(({ body }) => `${body}\n`).join(''));
  await pause(pauseMs);
  return batch.map(() => ({ is: 'done' }));
});
