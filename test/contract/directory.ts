import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Directory, Login, Route } from '../../src/directory/directory.ts';

/** What every `Directory` guarantees. `create` makes an empty one. */
export function testDirectory(name: string, create: () => Promise<Directory>): void {
  let cids = 0;
  const route = (uid: string, more: Partial<Route> = {}): Route => {
    cids += 1;
    return { system: 'default', uid, node: 'n1', cid: cids, ...more };
  };
  const login = async (directory: Directory, from: Route): Promise<Login> => ({
    ...from,
    loginSequence: await directory.login(from),
  });
  const byCid = (logins: readonly Login[]) => logins.toSorted((a, b) => a.cid - b.cid);

  describe(`Directory ${name}`, () => {
    test('numbers the logins of a user upwards, those at the same moment too', async () => {
      const directory = await create();
      const numbers = [];
      for (let n = 0; n < 5; n += 1) numbers.push(await directory.login(route('alice')));
      numbers.push(...(await Promise.all(Array.from({ length: 20 }, () => directory.login(route('alice'))))));
      assert.ok(numbers.every(Number.isSafeInteger));
      for (const [at, number] of numbers.slice(1, 6).entries()) assert.ok(number > (numbers[at] ?? 0));
      assert.equal(new Set(numbers).size, numbers.length);
      await directory.close();
    });

    test('goes on numbering upwards after the user has gone', async () => {
      const directory = await create();
      const first = await login(directory, route('alice'));
      await directory.logout(first);
      assert.ok((await directory.login(route('alice'))) > first.loginSequence);
      await directory.close();
    });

    test('knows every place of a user until its logout, and nobody who never came', async () => {
      const directory = await create();
      const here = await login(directory, route('alice'));
      const there = await login(directory, route('alice', { node: 'n2' }));
      assert.deepEqual(byCid(await directory.routes('default', 'alice')), [here, there]);
      await directory.logout(here);
      assert.deepEqual(await directory.routes('default', 'alice'), [there]);
      await directory.logout(there);
      assert.deepEqual(await directory.routes('default', 'alice'), []);
      assert.deepEqual(await directory.routes('default', 'bob'), []);
      await directory.close();
    });

    test('removes by a late logout nothing of a newer login of the same connection', async () => {
      const directory = await create();
      const place = route('alice');
      const older = await login(directory, place);
      const newer = await login(directory, place);
      await directory.logout(older);
      assert.deepEqual(await directory.routes('default', 'alice'), [newer]);
      await directory.logout(older);
      await directory.logout(newer);
      await directory.logout(newer);
      assert.deepEqual(await directory.routes('default', 'alice'), []);
      await directory.close();
    });

    test('keeps systems and users apart whose names together read the same', async () => {
      const directory = await create();
      const pairs = [
        ['a:b', 'c'],
        ['a', 'b:c'],
        ['a', ':b:c'],
        ['1:a', 'b'],
        ['1', 'a:b'],
        ['', 'a'],
        ['__proto__', 'constructor'],
        ['A', 'b:c'],
      ];
      const logins = [];
      for (const [system = '', uid = ''] of pairs) logins.push(await login(directory, route(uid, { system })));
      for (const [at, [system = '', uid = '']] of pairs.entries()) {
        assert.deepEqual(await directory.routes(system, uid), [logins[at]], `${system} | ${uid}`);
      }
      await directory.logout({ ...(logins[0] as Login), system: 'a', uid: 'b:c' });
      assert.equal((await directory.routes('a:b', 'c')).length, 1);
      assert.equal((await directory.routes('a', 'b:c')).length, 1);
      await directory.close();
    });

    test('gives answers that are the caller’s own', async () => {
      const directory = await create();
      await directory.login(route('alice'));
      (await directory.routes('default', 'alice')).length = 0;
      assert.equal((await directory.routes('default', 'alice')).length, 1);
      await directory.close();
    });
  });
}
