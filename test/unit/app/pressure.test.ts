import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import type { Shedding } from '../../../src/api/stats.ts';
import { createCollectGarbage } from '../../../src/app/collect-garbage.ts';
import { countedNowAndThen, countedWhereFew, findDescriptors } from '../../../src/app/descriptors.ts';
import { maxPayloadBytes } from '../../../src/app/limits.ts';
import { closeLongestQueues } from '../../../src/app/longest-queues.ts';
import { createMeasure, oldGenerationLimit } from '../../../src/app/measure-load.ts';
import { createPressure } from '../../../src/app/pressure.ts';
import { defaultConfig } from '../../support/default-config.ts';
import { FakeConnection } from '../../support/fake-connection.ts';

const MIB = 2 ** 20;

/** What runs out is said by the test. */
function start(limit = 1000) {
  const now = { heap: 0, memory: 0, open: 10, ms: 0 };
  const log: string[] = [];
  let idleEnded = 0;
  let collected = 0;
  const pressure = createPressure({
    measure: () => ({ heap: now.heap, heapLeftBytes: (1 - now.heap) * 100 * MIB, memory: now.memory }),
    descriptors: { limit, open: () => now.open, opened: () => {} },
    onChange: (shedding, why) => void log.push(shedding.length === 0 ? 'none' : why),
    onNearlyFull: (why) => void log.push(`nearly full: ${why}`),
    endIdle: () => {
      idleEnded += 1;
    },
    collectGarbage: () => {
      collected += 1;
    },
    now: () => now.ms,
  });
  const set = (more: Partial<typeof now>): readonly Shedding[] => {
    Object.assign(now, more);
    pressure.tick();
    return pressure.shedding;
  };
  return { pressure, set, now, log, idleEnded: () => idleEnded, collected: () => collected };
}

describe('pressure', () => {
  test('sheds from 85 % of the heap on until it has sunk below 80 %, and says so once each time', () => {
    const { pressure, set, log } = start();
    assert.deepEqual(set({ heap: 0.849 }), []);
    assert.equal(pressure.why(), undefined);
    assert.deepEqual(set({ heap: 0.85 }), ['heap']);
    assert.deepEqual(set({ heap: 0.81 }), ['heap']);
    assert.match(pressure.why() ?? '', /^19\.0 MiB of the heap are left \(maxHeap\)$/);
    assert.deepEqual(set({ heap: 0.79 }), []);
    assert.deepEqual(set({ heap: 0.84 }), []);
    assert.deepEqual(log, ['15.0 MiB of the heap are left (maxHeap)', 'none']);
  });

  test('sheds for memory in the same way, and for both at once', () => {
    const { set, pressure } = start();
    assert.deepEqual(set({ memory: 0.9 }), ['memory']);
    assert.deepEqual(set({ heap: 0.9 }), ['heap', 'memory']);
    assert.match(pressure.why() ?? '', /10\.0 MiB of the heap are left.*90 % of the memory is used \(limits\.memory\)/);
    assert.deepEqual(set({ memory: 0 }), ['heap']);
  });

  test('asks for memory back from 95 % on, and not again for five seconds', () => {
    const { set, log } = start();
    set({ heap: 0.949 });
    assert.equal(log.filter((line) => line.startsWith('nearly')).length, 0);
    for (let n = 0; n < 10; n += 1) set({ heap: 0.95 });
    assert.equal(log.filter((line) => line.startsWith('nearly')).length, 1);
    set({});
    assert.equal(log.filter((line) => line.startsWith('nearly')).length, 2);
  });

  test('measures again for those who come while the loop has no time for its timer: each 16th, and the first after 5 ms', () => {
    const { pressure, set, now, log } = start();
    set({});
    now.heap = 0.86;
    for (let n = 0; n < 15; n += 1) assert.equal(pressure.isFull('public'), false);
    assert.deepEqual(pressure.shedding, []);
    assert.match(pressure.why() ?? '', /14\.0 MiB of the heap/);
    now.heap = 0.5;
    assert.match(pressure.why() ?? '', /14\.0 MiB of the heap/);
    now.ms = 5;
    assert.equal(pressure.why(), undefined);
    Object.assign(now, { ms: 10, memory: 0.86 });
    assert.match(pressure.why() ?? '', /86 % of the memory/);
    assert.deepEqual(log, [], 'nobody is told in the middle of a connect');
    set({});
    assert.deepEqual(log, ['86 % of the memory is used (limits.memory)']);
  });

  test('turns a crowd away unheard from 90 % on, but neither who comes alone nor who comes to the internal listener', () => {
    const { pressure, set, now } = start();
    const come = (count: number, everyMs: number) => {
      let away = 0;
      for (let n = 0; n < count; n += 1) {
        now.ms += everyMs;
        if (pressure.isFull('public')) away += 1;
      }
      return away;
    };
    for (const what of ['heap', 'memory'] as const) {
      set({ heap: 0.5, memory: 0.5, [what]: 0.89 });
      assert.equal(come(100, 0.1), 0);
      set({ [what]: 0.9, ms: now.ms + 500 });
      assert.equal(come(100, 2), 0);
      set({ ms: now.ms + 500 });
      // The first of them are not a crowd yet.
      assert.equal(come(100, 0.1), 100 - 15);
      assert.equal(pressure.isFull('internal'), false);
    }
  });

  test('has garbage collected when the heap seems short, and ever more seldom as long as it stays so', () => {
    const { pressure, set, collected } = start();
    set({ memory: 0.9 });
    assert.equal(collected(), 0);
    const at: number[] = [];
    for (let tick = 0; tick < 30; tick += 1) {
      const before = collected();
      set({ heap: 0.9 });
      if (collected() > before) at.push(tick);
    }
    assert.deepEqual(at, [0, 4, 12, 28]);
    for (let tick = 0; tick < 10_000; tick += 1) pressure.tick();
    const before = collected();
    for (let tick = 0; tick < 600; tick += 1) pressure.tick();
    assert.equal(collected(), before + 1, 'every five minutes at least');
    set({ heap: 0.5 });
    set({ heap: 0.9 });
    assert.equal(collected(), before + 2);
  });

  test('keeps 64 descriptors from clients, the last 32 of those for the internal listener, the last 8 for the operator’s socket', () => {
    const { pressure, set, now, idleEnded } = start(1000);
    assert.equal(pressure.enoughFor, 1000 - 10 - 64 - 1);
    assert.deepEqual(set({ open: 934 }), []);
    assert.equal(idleEnded(), 0);
    // Within one tick: the very connection that takes the last one is refused.
    now.open = 936;
    assert.match(pressure.why() ?? '', /936 of 1000 file descriptors are open/);
    assert.deepEqual(set({}), ['descriptors']);
    assert.equal(idleEnded(), 1);
    assert.equal(pressure.isFull('public'), false);
    assert.deepEqual(set({ open: 930 }), ['descriptors']);
    assert.deepEqual(set({ open: 927 }), []);
    now.open = 968;
    assert.deepEqual([pressure.isFull('public'), pressure.isFull('internal')], [true, false]);
    now.open = 992;
    assert.equal(pressure.isFull('internal'), true);
  });

  test('keeps a quarter where there are few', () => {
    const { pressure } = start(100);
    assert.equal(pressure.enoughFor, 100 - 10 - 25 - 1);
  });
});

test('garbage is collected when asked, more than once, and no program gets a gc of its own by it', async () => {
  const collect = createCollectGarbage();
  for (let times = 0; times < 2; times += 1) {
    const garbage = new WeakRef({});
    // What was looked at lives until the end of its turn.
    await new Promise(setImmediate);
    collect();
    assert.equal(garbage.deref(), undefined);
  }
  assert.equal(runInNewContext('typeof gc'), 'undefined');
});

describe('what is measured', () => {
  test('is this process: a heap that is neither empty nor full, and its memory where that is limited', () => {
    const { heap, memory } = createMeasure(2 ** 40)();
    assert.ok(heap > 0 && heap < 1);
    assert.ok(memory > 0 && memory < 1);
    assert.ok(createMeasure(2 ** 20)().memory > 1);
  });

  test('is the heap’s old generation, which is smaller than what V8 says of the whole', () => {
    assert.equal(oldGenerationLimit(160 * MIB, ['--max-old-space-size=64']), 64 * MIB);
    assert.equal(
      oldGenerationLimit(160 * MIB, ['--max-old-space-size=32 --x', '--max_old_space_size=64', '--y']),
      64 * MIB,
    );
    assert.equal(oldGenerationLimit(600 * MIB, ['--max-heap-size=600']), 504 * MIB);
    assert.equal(oldGenerationLimit(60 * MIB, []), 50 * MIB);
  });

  test('are this process’s open descriptors and their limit', async (t) => {
    if (process.platform === 'win32') return assert.equal(findDescriptors(), undefined);
    const descriptors = findDescriptors();
    assert.ok(descriptors !== undefined && descriptors.limit > 0);
    const before = descriptors.open();
    const { openSync, closeSync } = await import('node:fs');
    const files = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
    t.after(() => files.forEach(closeSync));
    assert.ok(before > 0 && before < descriptors.limit);
    for (const _ of files) descriptors.opened();
    if (process.platform === 'linux') assert.ok(descriptors.open() >= before + 5);
  });

  test('descriptors that are costly to count are counted now and then, with those accepted in between', () => {
    let ms = 0;
    let counts = 0;
    const count = () => {
      ms += 20;
      counts += 1;
      return 100;
    };
    const descriptors = countedNowAndThen(1000, count, () => ms);
    assert.equal(descriptors.open(), 100);
    descriptors.opened();
    descriptors.opened();
    assert.equal(descriptors.open(), 102);
    ms += 1999;
    descriptors.open();
    assert.equal(counts, 1);
    ms += 1;
    assert.equal(descriptors.open(), 100);
    assert.equal(counts, 2);
  });

  test('are counted each time where little is left, and seldom where there is plenty of room', () => {
    let ms = 0;
    let counts = 0;
    let open = 100;
    const count = () => {
      counts += 1;
      return open;
    };
    const descriptors = countedWhereFew(10_000, count, () => ms);
    assert.equal(descriptors.open(), 100);
    for (let come = 1; come <= 64; come += 1) {
      descriptors.opened();
      assert.equal(descriptors.open(), 100 + come);
    }
    assert.equal(counts, 1);
    open = 165;
    descriptors.opened();
    assert.equal(descriptors.open(), 165);
    ms += 101;
    open = 8800;
    assert.equal(descriptors.open(), 8800);
    for (open of [9999, 9000, 8751]) assert.equal(descriptors.open(), open);
  });
});

test('the longest queues are closed until half of what waits is gone; short ones never are', () => {
  const connections = [20_000, 100_000, 0, 60_000, 16_384, 20_000].map((queueBytes, at) => {
    const connection = new FakeConnection({ cid: at + 1 });
    Object.defineProperty(connection, 'queueBytes', { value: queueBytes });
    return connection;
  });
  assert.equal(closeLongestQueues(connections), 1);
  assert.deepEqual(
    connections.filter(({ isOpen }) => !isOpen).map(({ cid, closed }) => [cid, closed?.code]),
    [[2, 4008]],
  );
  assert.equal(closeLongestQueues(connections.slice(4, 5)), 0);
});

describe('the size of one message', () => {
  const usual = defaultConfig();
  const limitOf = (compat: 'go-websocket' | undefined, payloadBytes: number | undefined) => {
    const config = { compat, limits: { ...usual.limits, payloadBytes } };
    return [maxPayloadBytes(config, 'json'), maxPayloadBytes(config, 'yunque')];
  };

  test('is 64 KiB, with compat go-websocket’s 8 KiB for its dialect, and what is written by hand for all', () => {
    assert.deepEqual(limitOf(undefined, undefined), [65_536, 65_536]);
    assert.deepEqual(limitOf('go-websocket', undefined), [8192, 65_536]);
    assert.deepEqual(limitOf('go-websocket', 1000), [1000, 1000]);
  });
});
