import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { KafkaBus } from '../../src/bus/engines/kafka.ts';
import { testBus } from '../contract/bus.ts';
import { sharedService } from '../support/services/shared.ts';

const { url, prefix } = await sharedService({ after }, 'kafka');

testBus('kafka', async () => {
  const topic = `${prefix}-${randomUUID()}`;
  const buses: KafkaBus[] = [];
  return {
    join: async () => {
      const bus = new KafkaBus({ brokers: url.split(','), topic, group: `${topic}-${buses.length}`, warn: () => {} });
      buses.push(bus);
      return bus;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
    },
  };
});
