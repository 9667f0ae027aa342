import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Seen } from '../../src/store/seen.ts';
import { eventually } from '../support/eventually.ts';

export interface SeenUnderTest extends AsyncDisposable {
  /** Where names are added, and where they are asked for: two nodes' where it is shared. */
  readonly added: Seen;
  readonly asked: Seen;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
}

export interface SeenLimits {
  readonly forMs?: number;
  readonly mostNames?: number;
}

/** What every `Seen` guarantees. `create` makes a fresh one. */
export function testSeen(name: string, create: (limits: SeenLimits) => Promise<SeenUnderTest>): void {
  const known = async ({ asked }: SeenUnderTest, ...names: string[]) => [...(await asked.has(names))].sort();

  describe(`Seen ${name}`, () => {
    test('knows what was added and nothing else, whatever it is called', async () => {
      await using one = await create({});
      const odd = ['a\nb', 'a', '', '__proto__', '云雀', 'x'.repeat(5000), '1-0'];
      assert.deepEqual(await known(one, ...odd), []);
      await one.added.add(odd.slice(1));
      assert.deepEqual(await known(one, ...odd), odd.slice(1).sort());
      await one.added.add(odd.slice(0, 1));
      assert.deepEqual(await known(one, 'a\nb', 'b', 'A', '1'), ['a\nb']);
      assert.deepEqual(await known(one), []);
      assert.deepEqual(one.added.figures, { shortened: 0, failed: 0 });
    });

    test('takes thousands of names at once', async () => {
      await using one = await create({});
      const names = Array.from({ length: 5000 }, (_, at) => `stream:chat\n${at}-0`);
      await one.added.add(names);
      assert.equal((await one.asked.has([...names, 'other'])).size, 5000);
    });

    test('knows a name for its time at least, and forgets it in the end', async () => {
      await using one = await create({ forMs: 1500 });
      await one.added.add(['early']);
      await one.pass(50);
      await one.added.add(['later']);
      assert.deepEqual(await known(one, 'early', 'later'), ['early', 'later']);
      let round = 0;
      await eventually('the first is forgotten', async () => {
        await one.pass(250);
        await one.added.add([`more ${round++}`]);
        return !(await one.asked.has(['early'])).has('early');
      });
      assert.deepEqual(await known(one, 'never'), []);
    });

    test('forgets the oldest where there are too many, and counts it', async () => {
      await using one = await create({ mostNames: 10 });
      const add = async (prefix: string) => {
        for (let at = 0; at < 10; at += 1) await one.added.add([`${prefix}${at}`]);
      };
      await add('a');
      await add('b');
      assert.deepEqual(await known(one, 'a0', 'a9', 'b0', 'b9'), ['a0', 'a9', 'b0', 'b9']);
      assert.equal(one.added.figures.shortened, 0);
      await add('c');
      assert.deepEqual(await known(one, 'a0', 'b0', 'c9'), ['b0', 'c9']);
      assert.equal(one.added.figures.shortened, 1);
    });
  });
}
