import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { RabbitBus } from '../../src/bus/engines/rabbitmq.ts';
import { testBus } from '../contract/bus.ts';
import { sharedService } from '../support/services/shared.ts';

const { url, prefix } = await sharedService({ after }, 'rabbitmq');

testBus('rabbitmq', async () => {
  const exchange = `${prefix}-${randomUUID()}`;
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
