import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Systems } from '../../src/store/systems.ts';
import { createRandom, pick, pickOf } from '../support/random.ts';

export interface SystemsUnderTest extends AsyncDisposable {
  readonly systems: Systems;
}

/** What every `Systems` guarantees, but for lasting, which each kept one tests by itself. `create` makes a fresh one. */
export function testSystems(name: string, create: () => Promise<SystemsUnderTest>): void {
  const names = async (systems: Systems) => (await systems.list()).map(({ system }) => system);

  describe(`Systems ${name}`, () => {
    test('has default from the start, and cannot lose it', async () => {
      await using one = await create();
      assert.equal(await one.systems.has('default'), true);
      assert.equal(await one.systems.remove('default'), false);
      assert.equal(await one.systems.add('default', 5), false);
      assert.deepEqual(await names(one.systems), ['default']);
    });

    test('adds a system once, with its time, and removes it once', async () => {
      await using one = await create();
      assert.equal(await one.systems.has('shop'), false);
      assert.equal(await one.systems.add('shop', 1_700_000_000_123), true);
      assert.equal(await one.systems.add('shop', 2), false);
      assert.equal(await one.systems.has('shop'), true);
      assert.deepEqual((await one.systems.list())[1], { system: 'shop', createdAt: 1_700_000_000_123 });
      assert.equal(await one.systems.remove('shop'), true);
      assert.equal(await one.systems.remove('shop'), false);
      assert.equal(await one.systems.has('shop'), false);
      assert.equal(await one.systems.add('shop', 3), true);
    });

    test('adds several at once, and leaves those that exist as they are', async () => {
      await using one = await create();
      await one.systems.add('shop', 1);
      await one.systems.addAll(['bank', 'shop', 'default', 'bank', 'park'], 2);
      const [bank, , park, shop] = await one.systems.list();
      assert.deepEqual(
        [bank, park, shop].map((record) => [record?.system, record?.createdAt]),
        [
          ['bank', 2],
          ['park', 2],
          ['shop', 1],
        ],
      );
      await one.systems.addAll([], 3);
      assert.deepEqual(await names(one.systems), ['bank', 'default', 'park', 'shop']);
    });

    test('of several calls that add the same one at once, exactly one has added it', async () => {
      await using one = await create();
      const added = await Promise.all(Array.from({ length: 10 }, () => one.systems.add('shop', 1)));
      assert.equal(added.filter((is) => is).length, 1);
    });

    test('takes names as they are: case, spaces, quotes, any script', async () => {
      await using one = await create();
      const odd = ['Shop', 'shop', ' shop', "o'hara", '"', '云雀', '__proto__', '%', 'a\\b', '-1', '1'];
      for (const system of odd) assert.equal(await one.systems.add(system, 1), true, system);
      for (const system of odd) assert.equal(await one.systems.has(system), true, system);
      assert.deepEqual(await names(one.systems), [...odd, 'default'].sort());
    });

    test('agrees with a plain set over any sequence of calls, and lists by name', async () => {
      await using one = await create();
      const random = createRandom(5);
      const known = new Set(['default']);
      for (let n = 0; n < 300; n += 1) {
        const system = pickOf(random, ['default', 'a', 'b', 'B', 'c1', 'c10', 'c2']);
        const what = pick(random, 3);
        if (what === 0) {
          assert.equal(await one.systems.add(system, n), !known.has(system));
          known.add(system);
        } else if (what === 1) {
          assert.equal(await one.systems.remove(system), system !== 'default' && known.delete(system));
        } else assert.equal(await one.systems.has(system), known.has(system));
      }
      assert.deepEqual(await names(one.systems), [...known].sort());
    });
  });
}
