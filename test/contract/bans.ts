import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BanInfo } from '../../src/api/keys.ts';
import type { Bans } from '../../src/store/bans.ts';
import type { Systems } from '../../src/store/systems.ts';

export interface BansUnderTest extends AsyncDisposable {
  readonly systems: Systems;
  readonly bans: Bans;
}

const ban = (uid: string, until: number, more: Partial<BanInfo> = {}): BanInfo => ({
  system: 'default',
  uid,
  until,
  reason: '',
  ...more,
});

/** What every `Bans` guarantees, but for lasting, which each kept one tests by itself. `create` makes a fresh one. */
export function testBans(name: string, create: () => Promise<BansUnderTest>): void {
  describe(`Bans ${name}`, () => {
    test('a ban holds until its time, in its system, for its user', async () => {
      await using one = await create();
      await one.systems.add('shop', 1);
      const alice = ban('alice', 200, { reason: 'spam' });
      await one.bans.ban(alice, 100);
      assert.deepEqual(await one.bans.find('default', 'alice', 100), alice);
      assert.deepEqual(await one.bans.find('default', 'alice', 199), alice);
      assert.equal(await one.bans.find('default', 'alice', 200), undefined);
      assert.equal(await one.bans.find('shop', 'alice', 100), undefined);
      assert.equal(await one.bans.find('default', 'Alice', 100), undefined);
    });

    test('a second ban of the same user replaces the first, be it longer or shorter', async () => {
      await using one = await create();
      await one.bans.ban(ban('alice', 200, { reason: 'spam' }), 100);
      await one.bans.ban(ban('alice', 150, { reason: 'less' }), 101);
      assert.deepEqual(await one.bans.list(110), [ban('alice', 150, { reason: 'less' })]);
    });

    test('lifted once, it is gone; one that is over cannot be lifted', async () => {
      await using one = await create();
      await one.bans.ban(ban('alice', 200), 100);
      assert.equal(await one.bans.unban('default', 'alice', 150), true);
      assert.equal(await one.bans.unban('default', 'alice', 150), false);
      assert.equal(await one.bans.find('default', 'alice', 150), undefined);
      await one.bans.ban(ban('alice', 200), 150);
      assert.equal(await one.bans.unban('default', 'alice', 200), false);
      assert.equal(await one.bans.find('default', 'alice', 150), undefined);
    });

    test('lists those that hold by system and uid, of one system or all', async () => {
      await using one = await create();
      await one.systems.add('Shop', 1);
      const all = [
        ban('alice', 300, { system: 'Shop' }),
        ban("o'hara 云雀", 300, { system: 'Shop' }),
        ban('__proto__', 300),
        ban('alice', 300),
        ban('bob', 300),
      ];
      for (const each of all.toReversed()) await one.bans.ban(each, 100);
      await one.bans.ban(ban('carl', 150), 100);
      assert.deepEqual(await one.bans.list(200), all);
      assert.deepEqual(await one.bans.list(200, 'Shop'), all.slice(0, 2));
      assert.deepEqual(await one.bans.list(200, 'nobody'), []);
      assert.equal((await one.bans.list(100)).length, 6);
    });

    test('those that are over are forgotten when another one comes', async () => {
      await using one = await create();
      for (let n = 0; n < 20; n += 1) await one.bans.ban(ban(`user-${n}`, 100 + n), 50);
      await one.bans.ban(ban('alice', 900), 110);
      assert.deepEqual(
        (await one.bans.list(0)).map(({ until }) => until),
        [900, 111, 112, 113, 114, 115, 116, 117, 118, 119],
      );
    });

    test('a removed system is forgotten with its bans: added again, it begins without', async () => {
      await using one = await create();
      await one.systems.add('shop', 1);
      await one.bans.ban(ban('alice', 300, { system: 'shop' }), 100);
      await one.bans.ban(ban('alice', 300), 100);
      await one.systems.remove('shop');
      await one.bans.removeSystem('shop');
      await one.systems.add('shop', 2);
      assert.equal(await one.bans.find('shop', 'alice', 100), undefined);
      assert.deepEqual(await one.bans.list(100), [ban('alice', 300)]);
    });
  });
}
