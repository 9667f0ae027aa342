import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogFollower } from '../../../src/tui/feed/follow-log.ts';

async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}

test('a stream that brings more than anybody sees pass is told of less often, until it is calm', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let push: (items: number) => void = () => undefined;
  let told = 0;
  async function* open() {
    for (;;) {
      const count = await new Promise<number>((resolve) => {
        push = resolve;
      });
      for (let i = 0; i < count; i++) yield i;
    }
  }
  const follower = new LogFollower<object, number, number>({
    open,
    read: (item) => ({ item }),
    limit: 1000,
    batchMs: 250,
    onChange: () => {
      told++;
    },
  });
  const within = async (ms: number, items: number) => {
    await settle();
    const before = told;
    push(items);
    await settle();
    t.mock.timers.tick(ms);
    return told - before;
  };
  follower.watch({});
  assert.equal(await within(250, 50), 1);
  assert.equal(await within(750, 50), 0);
  assert.equal(await within(250, 0), 1);
  assert.equal(await within(1000, 1), 1);
  assert.equal(await within(250, 1), 1);
  follower.close();
});
