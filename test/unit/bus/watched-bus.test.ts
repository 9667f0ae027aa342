import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Bus } from '../../../src/bus/bus.ts';
import { MemoryBus, type MemoryHub } from '../../../src/bus/engines/memory.ts';
import { WatchedBus } from '../../../src/bus/watched-bus.ts';
import { eventually } from '../../support/eventually.ts';

/** A bus that loses what it is given while `isDeaf`. */
function deafenable(hub: MemoryHub) {
  const inner = new MemoryBus(hub);
  const state = { isDeaf: false };
  const bus: Bus = {
    guarantees: inner.guarantees,
    get failure() {
      return inner.failure;
    },
    onState: (listener) => inner.onState(listener),
    figures: () => inner.figures(),
    start: (onMessage) => inner.start((bytes) => void (state.isDeaf || onMessage(bytes))),
    broadcast: (bytes) => inner.broadcast(bytes),
    close: () => inner.close(),
  };
  return { bus, state };
}

async function start(t: TestContext, hub: MemoryHub = new Set()) {
  const { bus, state } = deafenable(hub);
  const watched = new WatchedBus({ bus, intervalMs: 5 });
  const heard: string[] = [];
  await watched.start((bytes) => heard.push(bytes.toString()));
  t.after(() => watched.close());
  return { watched, state, heard };
}

describe('WatchedBus', () => {
  test('hands on what is broadcast and keeps the beats to itself, those of others too', async (t) => {
    const hub: MemoryHub = new Set();
    const one = await start(t, hub);
    const two = await start(t, hub);
    await eventually('beats come round', () => one.watched.lastMs !== undefined && two.watched.lastMs !== undefined);
    await one.watched.broadcast(Buffer.from('hello'));
    await eventually('it is heard', () => two.heard.length > 0 && one.heard.length > 0);
    assert.deepEqual([one.heard, two.heard], [['hello'], ['hello']]);
    assert.equal(one.watched.failure, undefined);
  });

  test('calls an engine that carries nothing a failure, whatever its connections say, until it does again', async (t) => {
    const { watched, state } = await start(t);
    const said: (string | undefined)[] = [];
    watched.onState((failure) => said.push(failure));
    state.isDeaf = true;
    await eventually('it is noticed', () => watched.failure !== undefined);
    assert.match(watched.failure ?? '', /has not come back/);
    state.isDeaf = false;
    await eventually('it is noticed', () => watched.failure === undefined);
    assert.equal(said.at(-1), undefined);
    assert.match(said[0] ?? '', /has not come back/);
  });

  test('says what the engine says of itself', async (t) => {
    const { watched } = await start(t);
    await watched.close();
    assert.match(watched.failure ?? 'none', /closed|not started/);
  });
});
