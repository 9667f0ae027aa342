import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPortLeave } from '../../../src/app/port-leave.ts';
import { eventually } from '../../support/eventually.ts';

function createFake(serving: boolean) {
  const log: string[] = [];
  const others = { serving, asked: 0 };
  const ports = createPortLeave({
    listeners: { leavePorts: () => void log.push('left'), enterPorts: async () => void log.push('entered') },
    doOthersServe: async () => {
      others.asked += 1;
      return others.serving;
    },
    log: { error: (error: unknown) => void log.push(String(error)) },
    askEveryMs: 5,
  });
  return { ports, log, others };
}

test('ports are left to others that serve, and only once there are some', async () => {
  const { ports, log, others } = createFake(false);
  ports.leave();
  await eventually('it has asked again', () => others.asked > 2);
  assert.deepEqual(log, []);
  others.serving = true;
  await eventually('it has left', () => log.length > 0);
  ports.enter();
  assert.deepEqual(log, ['left', 'entered']);
});

test('who comes back before the answer leaves nothing', async () => {
  const { ports, log, others } = createFake(true);
  ports.leave();
  ports.enter();
  await eventually('it was asked', () => others.asked === 1);
  assert.deepEqual(log, ['entered']);
  ports.leave();
  ports.cancel();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(log, ['entered']);
});
