import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Idempotency } from '../../src/store/idempotency.ts';

const asked = { key: 'k', system: 's', bodyHash: 'hash' };
const done = (result: string, isReplayed = false) => ({ type: 'result', result, isReplayed });

/** `create`: as many as asked for that know of each other, and of no earlier ones. */
export function testIdempotency(name: string, create: (nodes: number) => Promise<readonly Idempotency[]>): void {
  const one = async () => (await create(1))[0] as Idempotency;

  describe(`idempotency: ${name}`, () => {
    it('does it once, and gives the same answer to every retry', async () => {
      const runs = await one();
      let count = 0;
      const what = async () => `answer ${++count} “é” \0`;
      assert.deepEqual(await runs.run(asked, what), done('answer 1 “é” \0'));
      assert.deepEqual(await runs.run(asked, what), done('answer 1 “é” \0', true));
      assert.deepEqual(await runs.run({ ...asked, bodyHash: 'hosh' }, what), { type: 'conflict' });
      assert.equal(count, 1);
    });

    it('tells keys and systems apart, however they are put together', async () => {
      const runs = await one();
      for (const [system, key] of [
        ['s', 'k'],
        ['s', 'K'],
        ['sk', ''],
        ['1:s', 'k'],
      ] as const) {
        assert.deepEqual(
          await runs.run({ ...asked, system, key }, async () => `${system} ${key}`),
          done(`${system} ${key}`),
        );
      }
    });

    it('lets all that come meanwhile wait, and refuses another request at once', async () => {
      const runs = await one();
      const gate = Promise.withResolvers<string>();
      const first = runs.run(asked, () => gate.promise);
      const others = Array.from({ length: 10 }, () => runs.run(asked, () => assert.fail('it is under way')));
      assert.deepEqual(await runs.run({ ...asked, bodyHash: 'hosh' }, async () => 'x'), { type: 'conflict' });
      gate.resolve('answer');
      assert.deepEqual(await first, done('answer'));
      assert.deepEqual(await Promise.all(others), Array(10).fill(done('answer', true)));
    });

    it('remembers no failure: one of those who waited does it', async () => {
      const runs = await one();
      const gate = Promise.withResolvers<string>();
      const first = runs.run(asked, () => gate.promise);
      let count = 0;
      const others = [1, 2, 3].map(() => runs.run(asked, async () => `answer ${++count}`));
      gate.promise.catch(() => {});
      gate.reject(new Error('no'));
      await assert.rejects(first, /no/);
      const answers = await Promise.all(others);
      assert.deepEqual(answers, [done('answer 1'), done('answer 1', true), done('answer 1', true)]);
      assert.deepEqual(await runs.run({ ...asked, bodyHash: 'hosh' }, async () => 'x'), { type: 'conflict' });
    });
  });
}
