import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerAt, goWithOneCutOff, startBrokerScene } from '../support/broker-scene.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { freePort } from '../support/services/free-port.ts';
import { startKafka } from '../support/services/kafka.ts';
import type { Scope } from '../support/services/scope.ts';

/** Who comes by the wire is sent to the wire again. */
async function startKafkaWithWire(t: Scope) {
  const [port, behind, inside, controller] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const wire = await startFaultProxy(t, { port: behind });
  const plain = `CLIENTS://127.0.0.1:${port},INSIDE://127.0.0.1:${inside}`;
  const config = [
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${plain},WIRE://127.0.0.1:${behind},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${plain},WIRE://127.0.0.1:${wire.port}`,
    'listener.security.protocol.map=CLIENTS:PLAINTEXT,INSIDE:PLAINTEXT,WIRE:PLAINTEXT,CONTROLLER:PLAINTEXT',
  ];
  return { broker: await startKafka(t, { port, config }), wire };
}

test('over Kafka: one node cut off from its broker is taken out, and its clients get what the others publish', async (t) => {
  const { broker, wire } = await startKafkaWithWire(t);
  const scene = await startBrokerScene(t, 'kafka', {
    envOf: (index) => brokerAt('kafka', index === 2 ? wire : broker),
  });
  await scene.underLoad();
  await goWithOneCutOff(t, scene, { what: 'wire cut', harm: () => wire.refuse(), heal: () => wire.pass() });
  await goWithOneCutOff(t, scene, { what: 'black hole', harm: () => wire.blackhole(), heal: () => wire.pass() });
  await scene.endWell();
  const { acknowledged, doubtful, refused } = scene.ledger;
  t.diagnostic(`${acknowledged} acknowledged, ${doubtful} of them naming a node, ${refused.length} refused`);
  assert.deepEqual(refused, []);
});
