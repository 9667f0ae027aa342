import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { listenAddresses, ownAddress } from '../../../src/app/addresses.ts';
import { closePaced, pause } from '../../../src/app/drain.ts';
import { Owned } from '../../../src/app/owned.ts';
import { createStop, type StopTimes, stopLimitMs } from '../../../src/app/stop.ts';
import { createCids } from '../../../src/util/cids.ts';
import { FakeConnection } from '../../support/fake-connection.ts';
import { settled } from '../../support/fake-node.ts';
import { silentLogger } from '../../support/silent-logger.ts';

describe('connection ids', () => {
  test('are positive integers below 2^53 that do not repeat, even for the last run there can be', () => {
    for (const run of [1, 2 ** 20 - 1]) {
      const next = createCids(run);
      const cids = Array.from({ length: 1000 }, next);
      assert.equal(new Set(cids).size, cids.length);
      assert.ok(cids.every((cid) => Number.isSafeInteger(cid) && cid > 0));
      assert.ok(run * 2 ** 32 + (2 ** 32 - 1) < 2 ** 53);
    }
  });

  test('of another run are others', () => {
    const [one, two] = [createCids(1), createCids(2)];
    const first = new Set(Array.from({ length: 1000 }, one));
    assert.ok(Array.from({ length: 1000 }, two).every((cid) => !first.has(cid)));
    assert.notEqual(createCids()(), createCids()());
  });
});

describe('addresses', () => {
  test('of a named host are that host, IPv6 in brackets', () => {
    assert.deepEqual(listenAddresses('https', '10.0.0.1', 666), ['https://10.0.0.1:666']);
    assert.deepEqual(listenAddresses('http', '::1', 666), ['http://[::1]:666']);
    assert.equal(ownAddress('::1', 666), '[::1]:666');
    assert.equal(ownAddress('push.lan', 666), 'push.lan:666');
  });

  test('of all hosts begin with this machine’s own', () => {
    for (const host of [undefined, '::', '0.0.0.0']) {
      assert.equal(listenAddresses('http', host, 666)[0], 'http://127.0.0.1:666');
      assert.equal(ownAddress(host, 666), '127.0.0.1:666');
    }
  });
});

describe('draining', { timeout: 10_000 }, () => {
  const crowd = (count: number) => Array.from({ length: count }, (_, n) => new FakeConnection({ cid: n + 1 }));
  const closedOf = (connections: readonly FakeConnection[]) => connections.filter((c) => !c.isOpen).length;
  const never = new AbortController().signal;

  /** Runs the pacing on a clock of its own; after each timer of 20 ms, which may come later, how many are closed. */
  async function paced(
    connections: readonly FakeConnection[],
    durationMs: number,
    steps: number,
    { stepMs = 20, pace = 'rate' }: { stepMs?: number; pace?: Parameters<typeof closePaced>[1]['pace'] } = {},
  ) {
    mock.timers.enable({ apis: ['setTimeout'] });
    let nowMs = 0;
    try {
      const done = closePaced(connections, { durationMs, pace, hurry: never, now: () => nowMs });
      const counts = [closedOf(connections)];
      for (let n = 0; n < steps; n += 1) {
        nowMs += stepMs;
        mock.timers.tick(stepMs < 20 ? 20 : stepMs);
        await Promise.resolve();
        await Promise.resolve();
        counts.push(closedOf(connections));
      }
      await done;
      return counts;
    } finally {
      mock.timers.reset();
    }
  }

  test('closes few at 500 a second and tells each the same', async () => {
    const connections = crowd(100);
    const counts = await paced(connections, 20_000, 9);
    assert.deepEqual(counts, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    assert.ok(connections.every(({ closed }) => closed?.code === 4001));
  });

  test('closes many evenly over the whole duration', async () => {
    const counts = await paced(crowd(5000), 1000, 49);
    assert.equal(counts.length, 50);
    for (const [at, count] of counts.entries()) assert.equal(count, (at + 1) * 100);
  });

  test('catches up where the loop runs late, and takes no longer', async () => {
    assert.deepEqual(await paced(crowd(5000), 1000, 4, { stepMs: 320 }), [100, 1700, 3300, 4900, 5000]);
  });

  test('of a rate that was asked for makes up for a second at most, however long the node stood still', async () => {
    const counts = await paced(crowd(1000), 0, 5, { stepMs: 3000, pace: { perSecond: 200 } });
    assert.deepEqual(counts, [4, 208, 412, 616, 820, 1000]);
  });

  test('closes few over the whole duration too where that was asked for, and waits for nobody who has gone', async () => {
    const pace = 'duration';
    const counts = await paced(crowd(6), 60_000, 5, { stepMs: 10_000, pace });
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 6]);
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const going = crowd(6);
      const done = closePaced(going, { durationMs: 60_000, pace, hurry: never, now: () => 0 });
      for (const connection of going) connection.close('kicked');
      mock.timers.tick(1000);
      await done;
    } finally {
      mock.timers.reset();
    }
  });

  test('closes in random order', async () => {
    const connections = crowd(500);
    const order: number[] = [];
    for (const connection of connections) {
      const { close } = connection;
      connection.close = (error) => {
        order.push(connection.cid);
        close.call(connection, error);
      };
    }
    await closePaced(connections, { durationMs: 0, pace: 'rate', hurry: never });
    assert.equal(new Set(order).size, 500);
    assert.notDeepEqual(
      order,
      connections.map(({ cid }) => cid),
    );
  });

  test('with no duration, or hurried from the start, closes all at once', async () => {
    const [one, two] = [crowd(5000), crowd(5000)];
    await closePaced(one, { durationMs: 0, pace: 'rate', hurry: never });
    await closePaced(two, { durationMs: 60_000, pace: 'rate', hurry: AbortSignal.abort() });
    assert.deepEqual([closedOf(one), closedOf(two)], [5000, 5000]);
  });

  test('hurried on the way closes the rest at once', async () => {
    const hurry = new AbortController();
    const connections = crowd(5000);
    const done = closePaced(connections, { durationMs: 60_000, pace: 'rate', hurry: hurry.signal });
    assert.ok(closedOf(connections) < 100);
    hurry.abort();
    await done;
    assert.equal(closedOf(connections), 5000);
  });

  test('a pause ends with its time or with the signal, and leaves no listener behind', async () => {
    await pause(1, never);
    const hurry = new AbortController();
    const pausing = pause(60_000, hurry.signal);
    hurry.abort();
    await pausing;
    await pause(60_000, hurry.signal);
  });
});

describe('stopping', () => {
  interface More extends Partial<StopTimes> {
    readonly isQuiet?: boolean;
    readonly whenClientsGone?: () => Promise<void>;
  }

  function stopping(more: More = {}) {
    const log: string[] = [];
    const owned = new Owned();
    owned.add('the first', () => void log.push('first'));
    owned.add('the second', () => void log.push('second'));
    const connection = new FakeConnection({ cid: 1 });
    const stop = createStop({
      log: silentLogger(),
      owned,
      times: { graceMs: more.graceMs ?? 0, durationMs: 20_000, hardLimitMs: more.hardLimitMs ?? 5000 },
      beginDraining: () => void log.push('draining'),
      isQuiet: () => more.isQuiet ?? false,
      beforeClosing: async () => {},
      takeClients: () => {
        log.push('taken');
        return [connection];
      },
      whenClientsGone: async () => {
        log.push(`gone ${connection.isOpen}`);
        await more.whenClientsGone?.();
      },
      closeListeners: async () => void log.push('listeners'),
    });
    return { stop, log };
  }

  test('goes step by step and closes what was opened in reverse order, once', async () => {
    const { stop, log } = stopping();
    await Promise.all([stop(), stop()]);
    await stop({ hurry: true });
    assert.deepEqual(log, ['draining', 'taken', 'gone false', 'listeners', 'second', 'first']);
  });

  test('takes nobody’s connection before the grace has passed, or the stop is hurried', async () => {
    const { stop, log } = stopping({ graceMs: 60_000, hardLimitMs: 90_000 });
    const stopped = stop();
    await settled();
    assert.deepEqual(log, ['draining']);
    await stop({ hurry: true });
    await stopped;
    assert.equal(log[1], 'taken');
  });

  test('does not wait where nobody is there to notice', async () => {
    const { stop, log } = stopping({ graceMs: 60_000, hardLimitMs: 90_000, isQuiet: true });
    await stop();
    assert.equal(log.at(-1), 'first');
  });

  test('has the hard limit, and more only for a longer drain that was asked for', () => {
    const times = { graceMs: 2000, durationMs: 20_000, hardLimitMs: 30_000 };
    assert.deepEqual(
      [undefined, 0, 18_000, 20_000, 600_000].map((drainMs) => stopLimitMs(times, { drainMs })),
      [30_000, 30_000, 30_000, 32_000, 612_000],
    );
    assert.equal(stopLimitMs(times, { hardLimitMs: 5000 }), 5000);
  });

  test('rejects at the hard limit, naming the step it was stuck in', async () => {
    const { stop } = stopping({ hardLimitMs: 20, whenClientsGone: () => new Promise(() => {}) });
    await assert.rejects(stop(), /not stopped within 20 ms: stuck waiting for the clients to go/);
  });

  test('goes on closing the others when one cannot be closed, and names the last step', async () => {
    const owned = new Owned();
    const log: string[] = [];
    owned.add('the first', () => void log.push('first'));
    owned.add('the broken', () => {
      throw new Error('broken');
    });
    await assert.rejects(owned[Symbol.asyncDispose](), /broken/);
    assert.deepEqual(log, ['first']);
    assert.equal(owned.step, 'closing the first');
    await settled();
  });
});
