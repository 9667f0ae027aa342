import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPortLeave } from '../../../src/app/port-leave.ts';
import { eventually } from '../../support/eventually.ts';

function createFake(serving: boolean) {
  const log: string[] = [];
  const others = { serving, asked: 0, isPortFree: true };
  const ports = createPortLeave({
    listeners: {
      leavePorts: async () => void log.push('left'),
      enterPorts: async () => {
        if (!others.isPortFree) throw new Error('taken');
        log.push('entered');
      },
    },
    doOthersServe: async () => {
      others.asked += 1;
      return others.serving;
    },
    log: { error: (_: unknown, words?: string) => void log.push(String(words)) },
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
  await eventually('it is back', () => log.length > 1);
  assert.deepEqual(log, ['left', 'entered']);
});

test('who does not get the ports back says so and tries again, until it is drained anew', async () => {
  const { ports, log, others } = createFake(true);
  others.isPortFree = false;
  ports.enter();
  await eventually('it has tried twice', () => log.length > 1);
  assert.match(log[0] ?? '', /does not get its ports/);
  others.isPortFree = true;
  await eventually('it is back', () => log.at(-1) === 'entered');
  ports.leave();
  ports.enter();
  ports.leave();
  await eventually('it has left', () => log.at(-1) === 'left');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(log.at(-1), 'left');
});

test('who comes back before the answer leaves nothing', async () => {
  const { ports, log, others } = createFake(true);
  ports.leave();
  ports.enter();
  await eventually('it is there', () => log.length > 0);
  assert.deepEqual([log, others.asked], [['entered'], 1]);
  ports.leave();
  ports.cancel();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(log, ['entered']);
});
