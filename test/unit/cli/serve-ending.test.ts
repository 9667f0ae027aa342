import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { it } from 'node:test';
import type { StopRequest } from '../../../src/app/stop.ts';
import type { StopAsk } from '../../../src/app/stop-asks.ts';
import type { RunEnd } from '../../../src/cli/run-end.ts';
import { endOfService } from '../../../src/cli/serve-ending.ts';
import type { Actor } from '../../../src/telemetry/audit.ts';
import { silentLogger } from '../../support/silent-logger.ts';

function startService({ hangupEnds = false } = {}) {
  const reloads: Actor[] = [];
  const stops: boolean[] = [];
  const requests: StopRequest[] = [];
  const told: string[] = [];
  const ending = Promise.withResolvers<void>();
  const process = new EventEmitter();
  let ask = (_: StopAsk) => {};
  const ends: RunEnd[] = [];
  const exit = endOfService({
    onEnd: (end) => ends.push(end),
    node: {
      stop(request = {}) {
        requests.push(request);
        stops.push(request.hurry ?? false);
        return ending.promise;
      },
      async reload(actor) {
        reloads.push(actor);
        throw new Error('not this time');
      },
      reopenLogs: () => told.push('log files opened again'),
      onStopAsked: (listener) => {
        ask = listener;
      },
    },
    log: silentLogger(),
    manager: { ready: () => {}, stopping: (status) => told.push(status) },
    process,
    hangupEnds,
  });
  return {
    reloads,
    requests,
    stops,
    told,
    ending,
    process,
    exit,
    ends,
    ask: (hurry: boolean, drainMs?: number) => ask({ hurry, drainMs }),
  };
}

it('a node that is asked to stop through the admin API tells systemd once, and exits with 0', async () => {
  const service = startService();
  service.ask(false);
  service.ask(false);
  assert.deepEqual([service.stops, service.told], [[false], ['draining']]);
  service.ending.resolve();
  assert.equal(await service.exit, 0);
  assert.deepEqual(service.ends, [{ exit: 0, why: undefined }]);
});

it('asking again hurries only with --now, a signal after it does', () => {
  const service = startService();
  service.ask(false);
  service.ask(true);
  service.process.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual(service.stops, [false, true, true]);
  assert.deepEqual(service.told, ['draining']);
});

it('signals that follow one within 300 ms are its echo, and however many follow the next one after that is heard', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const service = startService();
  for (; now < 300; now += 50) service.process.emit('SIGINT', 'SIGINT');
  assert.deepEqual(service.stops, [false]);
  for (; now < 600; now += 50) service.process.emit('SIGINT', 'SIGINT');
  assert.deepEqual(service.stops, [false, true]);
});

it('a third signal ends it with 1, drained or not', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const service = startService();
  for (; now < 700; now += 100) service.process.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual(service.stops, [false, true]);
  assert.equal(await service.exit, 1);
});

it('a stop that is stuck exits with 1', async () => {
  const service = startService();
  service.ask(true);
  service.ask(true);
  service.ending.reject(new Error('stuck'));
  assert.equal(await service.exit, 1);
  assert.deepEqual(service.ends, [{ exit: 1, why: 'stuck' }], 'told once, and why');
});

it('SIGHUP reloads, well or ill, and ends a node whose terminal has gone', async () => {
  const service = startService();
  service.process.emit('SIGHUP', 'SIGHUP');
  await new Promise(setImmediate);
  assert.deepEqual([service.reloads, service.stops], [[{ by: { kind: 'signal', signal: 'SIGHUP' } }], []]);
  const attended = startService({ hangupEnds: true });
  attended.process.emit('SIGHUP', 'SIGHUP');
  assert.deepEqual([attended.reloads, attended.stops], [[], [false]]);
});

it('SIGUSR1 opens log files again and SIGUSR2 does nothing', () => {
  const service = startService();
  for (const signal of ['SIGUSR1', 'SIGUSR2']) service.process.emit(signal, signal);
  assert.deepEqual([service.told, service.stops, service.reloads], [['log files opened again'], [], []]);
});

it('an exception that nobody caught drains within 5 s and exits with 1, however often it comes', async () => {
  const service = startService();
  for (let times = 0; times < 100; times += 1) service.process.emit('uncaughtException', new Error('a'), 'x');
  assert.deepEqual(service.requests, [{ graceMs: 0, atMostDrainMs: 3000, hardLimitMs: 5000 }]);
  assert.deepEqual(service.told, ['stopping after an unexpected fault']);
  service.ending.resolve();
  assert.equal(await service.exit, 1);
});

it('one that comes while the node stops as asked makes that stop a failure', async () => {
  const service = startService();
  service.ask(false);
  service.process.emit('uncaughtException', new Error('a'), 'x');
  service.ending.resolve();
  assert.equal(await service.exit, 1);
  assert.deepEqual(service.ends, [{ exit: 1, why: 'it met an unexpected fault' }]);
});

it('a stop for so long as it was asked is asked of the node', () => {
  const service = startService();
  service.ask(false, 60_000);
  assert.deepEqual(service.requests, [{ hurry: false, drainMs: 60_000 }]);
});
