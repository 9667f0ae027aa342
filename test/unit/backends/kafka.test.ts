import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { KafkaLink } from '../../../src/backends/kafka.ts';
import { eventually } from '../../support/eventually.ts';

test('a link to Kafka that recovers again and again leaves nothing behind, and closes', async (t) => {
  const signals = new Set<AbortSignal>();
  const { addEventListener } = EventTarget.prototype;
  t.mock.method(EventTarget.prototype, 'addEventListener', function (this: EventTarget, ...args: never[]) {
    if (this instanceof AbortSignal) signals.add(this);
    return Reflect.apply(addEventListener, this, args);
  });
  let setups = 0;
  const link = new KafkaLink({
    brokers: ['127.0.0.1:1'],
    clientId: 'test',
    backOff: { firstMs: 1, mostMs: 1 },
    setup: async () => {
      setups += 1;
    },
  });
  for (let n = 1; n <= 20; n += 1) {
    await eventually('it is ready', () => link.state === 'ready' && setups === n);
    link.suspect(new Error('no'));
  }
  await eventually('it is ready', () => link.state === 'ready' && setups === 21);
  const listeners = [...signals].map((signal) => getEventListeners(signal, 'abort').length);
  assert.ok(signals.size > 0);
  assert.ok(
    listeners.every((count) => count <= 1),
    `${listeners}`,
  );
  await link.close();
  assert.equal(link.state, 'closed');
});
