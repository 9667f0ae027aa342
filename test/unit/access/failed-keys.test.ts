import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FailedKeys } from '../../../src/access/failed-keys.ts';

function create(options: { delayMs?: number; perMinute?: number } = {}) {
  const clock = { ms: 0 };
  const waits: number[] = [];
  const keys = new FailedKeys({
    delayMs: options.delayMs ?? 1000,
    limits: { perMinute: options.perMinute ?? 0, banMs: 300_000 },
    now: () => clock.ms,
    wait: async (ms) => void waits.push(ms),
  });
  return { keys, clock, waits };
}

describe('wrong keys', () => {
  test('are answered later and later, up to the longest wait, for each address by itself', async () => {
    const { keys, waits } = create();
    for (let n = 0; n < 7; n += 1) await keys.failed('1.1.1.1');
    await keys.failed('2.2.2.2');
    assert.deepEqual(waits, [50, 100, 200, 400, 800, 1000, 1000, 50]);
  });

  test('of one IPv6 network are those of one address', async () => {
    const { keys, waits } = create();
    await keys.failed('2001:db8::1');
    await keys.failed('2001:db8::2');
    await keys.failed('2001:db8:0:1::1');
    assert.deepEqual(waits, [50, 100, 50]);
  });

  test('are forgotten a minute after the last', async () => {
    const { keys, clock, waits } = create();
    await keys.failed('1.1.1.1');
    clock.ms = 59_999;
    await keys.failed('1.1.1.1');
    clock.ms += 60_000;
    await keys.failed('1.1.1.1');
    assert.deepEqual(waits, [50, 100, 50]);
  });

  test('are answered at once where no wait is wanted', async () => {
    const { keys, waits } = create({ delayMs: 0 });
    await keys.failed('1.1.1.1');
    assert.deepEqual(waits, []);
  });

  test('ban nobody until that is asked for', async () => {
    const { keys } = create();
    for (let n = 0; n < 1000; n += 1) await keys.failed('1.1.1.1');
    assert.equal(keys.bannedMs('1.1.1.1'), 0);
  });

  test('ban their address, once there are more than allowed in a minute, for as long as asked', async () => {
    const { keys, clock } = create({ perMinute: 3 });
    for (let n = 0; n < 3; n += 1) await keys.failed('1.1.1.1');
    assert.equal(keys.bannedMs('1.1.1.1'), 0);
    await keys.failed('1.1.1.1');
    assert.equal(keys.bannedMs('1.1.1.1'), 300_000);
    assert.equal(keys.bannedMs('1.1.1.2'), 0);
    clock.ms = 300_000;
    assert.equal(keys.bannedMs('1.1.1.1'), 0);
  });

  test('are held back by the handful: more at one time, of one address or of all, are told so at once', async () => {
    const release: (() => void)[] = [];
    const keys = new FailedKeys({
      delayMs: 1000,
      limits: { perMinute: 0, banMs: 1000 },
      now: () => 0,
      wait: () => new Promise<void>((resolve) => release.push(resolve)),
    });
    const held = Array.from({ length: 8 }, () => keys.failed('1.1.1.1'));
    assert.equal(await keys.failed('1.1.1.1'), false);
    for (let n = 0; n < 31; n += 1) for (let m = 0; m < 8; m += 1) held.push(keys.failed(`2.2.2.${n}`));
    assert.equal(await keys.failed('3.3.3.3'), false);
    for (const answer of release) answer();
    assert.deepEqual(new Set(await Promise.all(held)), new Set([true]));
    const again = keys.failed('1.1.1.1');
    release.at(-1)?.();
    assert.equal(await again, true);
  });

  test('of more addresses than can be remembered take no more memory, the oldest are forgotten', async () => {
    const { keys, waits } = create();
    await keys.failed('first');
    for (let n = 0; n < 10_000; n += 1) await keys.failed(`address ${n}`);
    waits.length = 0;
    await keys.failed('address 9999');
    await keys.failed('first');
    assert.deepEqual(waits, [100, 50]);
  });
});
