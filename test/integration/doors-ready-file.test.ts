import { test } from 'node:test';
import { freePort } from '../support/services/free-port.ts';
import { openMachine } from '../support/walk.ts';

/** Where nothing listens: port 1 is `tcpmux`, which nobody runs. */
const nowhere = {
  YUNQUE_REDIS_PORT: '1',
  YUNQUE_RABBITMQ_URL: 'amqp://guest:guest@127.0.0.1:1',
  YUNQUE_KAFKA_BROKERS: '127.0.0.1:1',
};

test('configs/doors.yaml, as it is, serves also while none of its servers is there', async (t) => {
  const machine = await openMachine(t, nowhere);
  const node = await machine.serve(await freePort(), 'configs/doors.yaml', 'doors');
  await node.kill();
});
