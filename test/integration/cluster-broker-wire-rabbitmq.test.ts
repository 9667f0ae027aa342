import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerAt, goWithOneCutOff, startBrokerScene } from '../support/broker-scene.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startRabbitmq } from '../support/services/rabbitmq.ts';

test('over RabbitMQ: one node cut off from its server is taken out, and its clients get what the others publish', async (t) => {
  const broker = await startRabbitmq(t);
  const wire = await startFaultProxy(t, broker);
  const scene = await startBrokerScene(t, 'rabbitmq', {
    envOf: (index) => brokerAt('rabbitmq', index === 2 ? wire : broker),
  });
  await scene.underLoad();
  await goWithOneCutOff(t, scene, { what: 'wire cut', harm: () => wire.refuse(), heal: () => wire.pass() });
  await goWithOneCutOff(t, scene, { what: 'black hole', harm: () => wire.blackhole(), heal: () => wire.pass() });
  await scene.endWell();
  const { acknowledged, doubtful, refused } = scene.ledger;
  t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a node, ${refused.length} refused`);
  assert.deepEqual(refused, []);
});
