import { randomBytes } from 'node:crypto';
import { askDesk } from './desk.ts';
import { startKafka } from './kafka.ts';
import { startRabbitmq } from './rabbitmq.ts';
import { startRedis } from './redis.ts';
import type { Scope } from './scope.ts';
import type { Service } from './service.ts';

export type ServiceName = 'redis' | 'rabbitmq' | 'kafka';

/** A server that others use at the same time: name what you make in it after `prefix`. Do not stop it. */
export interface SharedService {
  /** `redis://…`, `amqp://…`, and of Kafka `host:port`, several with commas between them. */
  readonly url: string;
  readonly prefix: string;
}

export const starters: Readonly<Record<ServiceName, (scope: Scope) => Promise<Service>>> = {
  redis: (scope) => startRedis(scope),
  rabbitmq: (scope) => startRabbitmq(scope),
  kafka: (scope) => startKafka(scope),
};

const variables: Readonly<Record<ServiceName, string>> = {
  redis: 'YUNQUE_TEST_REDIS_URL',
  rabbitmq: 'YUNQUE_TEST_RABBITMQ_URL',
  kafka: 'YUNQUE_TEST_KAFKA_BROKERS',
};

/**
 * The server named by YUNQUE_TEST_REDIS_URL, YUNQUE_TEST_RABBITMQ_URL or YUNQUE_TEST_KAFKA_BROKERS; else the one that all
 * test files of this `npm test` share; else (a test file run by itself) one of the scope's own.
 *
 * Which tests stop or kill a server start their own: `startRedis`, `startRabbitmq`, `startKafka`.
 */
export async function sharedService(scope: Scope, name: ServiceName): Promise<SharedService> {
  const prefix = `yunque-test-${randomBytes(6).toString('hex')}`;
  const url = process.env[variables[name]] || (await askDesk(name)) || (await starters[name](scope)).url;
  return { url, prefix };
}
