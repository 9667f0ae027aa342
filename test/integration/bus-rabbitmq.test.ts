import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { RabbitBus } from '../../src/bus/engines/rabbitmq.ts';
import { testBus } from '../contract/bus.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';

const { url } = await startRabbitmq({ after });

testBus('rabbitmq', async () => {
  const exchange = `test-${randomUUID()}`;
  const buses: RabbitBus[] = [];
  return {
    join: async () => {
      const bus = new RabbitBus({ url, exchange, nodeId: `node-${buses.length}` });
      buses.push(bus);
      return bus;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
    },
  };
});
