import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerAt, goWithoutBroker, startBrokerScene } from '../support/broker-scene.ts';
import { startKafka } from '../support/services/kafka.ts';

test('over Kafka: its broker killed and restarted, and one that hangs, costs nothing that was acknowledged', async (t) => {
  const broker = await startKafka(t);
  const scene = await startBrokerScene(t, 'kafka', { env: brokerAt('kafka', broker) });
  await scene.underLoad();
  await goWithoutBroker(t, scene, {
    what: 'Kafka killed',
    harm: () => broker.stop(),
    heal: () => broker.start(),
  });
  await goWithoutBroker(t, scene, {
    what: 'Kafka hangs',
    harm: async () => broker.kill('SIGSTOP'),
    heal: async () => broker.kill('SIGCONT'),
  });
  await scene.endWell();
  const { acknowledged, doubtful, refused } = scene.ledger;
  t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a node, ${refused.length} refused`);
  assert.deepEqual(refused, []);
});
