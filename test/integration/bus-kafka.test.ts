import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { KafkaBus } from '../../src/bus/engines/kafka.ts';
import { testBus } from '../contract/bus.ts';
import { startKafka } from '../support/services/kafka.ts';

const { url } = await startKafka({ after });

testBus('kafka', async () => {
  const topic = `test-${randomUUID()}`;
  const buses: KafkaBus[] = [];
  return {
    join: async () => {
      const bus = new KafkaBus({ brokers: [url], topic, group: `${topic}-${buses.length}`, warn: () => {} });
      buses.push(bus);
      return bus;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
    },
  };
});
