import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Producer, stringSerializer } from '@platformatic/kafka';
import { connect as connectRabbit } from 'amqplib';
import { Redis } from 'ioredis';
import protobuf from 'protobufjs';
import type { Scope } from './services/scope.ts';
import { sharedService } from './services/shared.ts';

export const doorKinds = ['channel', 'stream', 'kafka', 'rabbitmq'] as const;
export type DoorKind = (typeof doorKinds)[number];

/** What a backend publishes with: ordinary clients, and classes made of the .proto at run time. */
export interface Publisher {
  /** Resolves once the server has all of them. */
  publish(records: readonly Buffer[]): Promise<void>;
}

export interface DoorServers {
  readonly redis: string;
  readonly rabbitmq: string;
  readonly kafka: string;
  /** The channel, stream, topic and queue. */
  readonly topic: string;
}

/** Servers that other tests use at the same time, with names of this test's own. */
export async function doorServers(t: Scope): Promise<DoorServers> {
  const [redis, rabbitmq, kafka] = await Promise.all(
    (['redis', 'rabbitmq', 'kafka'] as const).map((name) => sharedService(t, name)),
  );
  return {
    redis: redis?.url ?? '',
    rabbitmq: rabbitmq?.url ?? '',
    kafka: kafka?.url ?? '',
    topic: redis?.prefix ?? '',
  };
}

/** All four doors, as the variable YUNQUE_DOORS has them. */
export function fourDoors({ redis, rabbitmq, kafka }: DoorServers): string {
  return JSON.stringify([
    { type: 'channel', name: 'channel', url: redis },
    { type: 'stream', name: 'stream', url: redis },
    { type: 'kafka', name: 'kafka', brokers: [kafka] },
    { type: 'rabbitmq', name: 'rabbitmq', url: rabbitmq },
  ]);
}

export async function openPublishers(t: Scope, servers: DoorServers): Promise<Readonly<Record<DoorKind, Publisher>>> {
  const { topic } = servers;
  const redis = new Redis(servers.redis);
  redis.on('error', () => {});
  t.after(async () => redis.disconnect());
  const connection = await connectRabbit(servers.rabbitmq);
  connection.on('error', () => {});
  t.after(() => connection.close().catch(() => {}));
  const rabbit = await connection.createConfirmChannel();
  const producer = new Producer({
    clientId: 'backend',
    bootstrapBrokers: [servers.kafka],
    serializers: { key: stringSerializer },
    retries: 5,
    retryDelay: 200,
  });
  t.after(async () => producer.close());
  let records = 0;
  return {
    channel: {
      async publish(bodies) {
        await Promise.all(bodies.map((body) => redis.publish(topic, body)));
      },
    },
    stream: {
      async publish(bodies) {
        await Promise.all(bodies.map((body) => redis.xadd(topic, '*', 'data', body)));
      },
    },
    kafka: {
      async publish(bodies) {
        await producer.send({ messages: bodies.map((value) => ({ topic, key: 'alice', value })), acks: -1 });
      },
    },
    rabbitmq: {
      async publish(bodies) {
        for (const body of bodies) {
          records += 1;
          rabbit.sendToQueue(topic, body, { persistent: true, messageId: `${topic}-${records}` });
        }
        await rabbit.waitForConfirms();
      },
    },
  };
}

/** MessagesPubProto by protobufjs' own reading of the file, not by the code that the doors decode with. */
export async function loadPubProto(): Promise<(pub: Readonly<Record<string, unknown>>) => Buffer> {
  const source = await readFile(join(import.meta.dirname, '../../src/wire/proto/yunque.proto'), 'utf8');
  const type = protobuf.parse(source, { keepCase: true }).root.lookupType('yunque.MessagesPubProto');
  return (pub) => Buffer.from(type.encode(type.fromObject({ ...pub })).finish());
}
