import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerAt, goWithoutBroker, startBrokerScene } from '../support/broker-scene.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';

test('over RabbitMQ: its server killed and restarted, and short of memory, costs nothing that was acknowledged', async (t) => {
  const broker = await startRabbitmq(t);
  const scene = await startBrokerScene(t, 'rabbitmq', { env: brokerAt('rabbitmq', broker) });
  await scene.underLoad();
  await goWithoutBroker(t, scene, {
    what: 'RabbitMQ killed',
    harm: () => broker.stop(),
    heal: () => broker.start(),
  });
  await goWithoutBroker(t, scene, {
    what: 'RabbitMQ short of memory',
    harm: () => broker.ctl('set_vm_memory_high_watermark', '0'),
    heal: () => broker.ctl('set_vm_memory_high_watermark', '0.6'),
  });
  await scene.endWell();
  const { acknowledged, doubtful, refused } = scene.ledger;
  t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a node, ${refused.length} refused`);
  assert.deepEqual(refused, []);
});
