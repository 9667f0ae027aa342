import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyGrant, KeyInfo } from '../../src/api/keys.ts';
import type { Keys } from '../../src/store/keys.ts';
import type { Systems } from '../../src/store/systems.ts';
import { readApiKey } from '../../src/util/api-key.ts';
import { createRandom, pick, pickOf } from '../support/random.ts';

export interface KeysUnderTest extends AsyncDisposable {
  readonly systems: Systems;
  readonly keys: Keys;
}

const push: KeyGrant = { owner: 'system', system: 'default', role: 'push' };
const operator: KeyGrant = { owner: 'operator', role: 'admin' };

/** What every `Keys` guarantees, but for lasting, which each kept one tests by itself. `create` makes a fresh one. */
export function testKeys(name: string, create: () => Promise<KeysUnderTest>): void {
  describe(`Keys ${name}`, () => {
    const ids = async (keys: Keys) => (await keys.list()).map(({ id }) => id);
    let clock = 0;
    const rotate = (keys: Keys, grant: KeyGrant, now = false) => {
      clock += 1;
      return keys.rotate(grant, { now, createdAt: clock });
    };

    test('makes keys that are found by their id, with the digest of what was told once and nothing of its text', async () => {
      await using one = await create();
      const { info, key, ...rest } = await one.keys.rotate(push, { now: false, createdAt: 5, expiresAt: 9 });
      assert.match(key, /^yq_[a-z0-9]{10}_[A-Za-z0-9_-]{43}$/);
      assert.deepEqual(info, { ...push, id: key.slice(3, 13), createdAt: 5, expiresAt: 9 });
      assert.deepEqual(rest, { removed: [] });
      const proof = readApiKey(key);
      assert.deepEqual(await one.keys.find(info.id), { ...info, digest: proof?.digest });
      assert.deepEqual(await one.keys.list(), [info]);
      assert.equal(await one.keys.find('nonesuch00'), undefined);
      assert.equal(await one.keys.find('__proto__'), undefined);
    });

    test('a key without an end has no expiresAt', async () => {
      await using one = await create();
      const { info } = await one.keys.rotate(operator, { now: false, createdAt: 5 });
      assert.deepEqual(info, { ...operator, id: info.id, createdAt: 5 });
      assert.deepEqual(await one.keys.list(), [info]);
    });

    test('rotating leaves the newest of the older ones valid, and says so', async () => {
      await using one = await create();
      const first = await rotate(one.keys, push);
      const second = await rotate(one.keys, push);
      assert.deepEqual([second.kept, second.removed], [first.info, []]);
      const third = await rotate(one.keys, push);
      assert.deepEqual([third.kept, third.removed], [second.info, [first.info.id]]);
      assert.deepEqual(await ids(one.keys), [second.info.id, third.info.id]);
      assert.equal(await one.keys.find(first.info.id), undefined);
    });

    test('with now no older one stays', async () => {
      await using one = await create();
      const first = await rotate(one.keys, push);
      const second = await rotate(one.keys, push);
      const third = await rotate(one.keys, push, true);
      assert.deepEqual([third.kept, third.removed], [undefined, [first.info.id, second.info.id]]);
      assert.deepEqual(await ids(one.keys), [third.info.id]);
    });

    test('the one that stays has not expired: the newest may have, and the one in use must not go with it', async () => {
      await using one = await create();
      const lasting = await one.keys.rotate(push, { now: false, createdAt: 10 });
      const short = await one.keys.rotate(push, { now: false, createdAt: 20, expiresAt: 30 });
      const third = await one.keys.rotate(push, { now: false, createdAt: 30 });
      assert.deepEqual([third.kept, third.removed], [lasting.info, [short.info.id]]);
    });

    test('an expired key is still found, with the time it expired', async () => {
      await using one = await create();
      const { info } = await one.keys.rotate(push, { now: false, createdAt: 1, expiresAt: 2 });
      assert.equal((await one.keys.find(info.id))?.expiresAt, 2);
    });

    test('keys of other roles and owners stay', async () => {
      await using one = await create();
      await one.systems.add('shop', 1);
      const others: KeyInfo[] = [];
      for (const grant of [
        { owner: 'system', system: 'default', role: 'read' },
        { owner: 'system', system: 'default', role: 'admin' },
        { owner: 'system', system: 'shop', role: 'push' },
        { owner: 'operator', role: 'read' },
        { owner: 'operator', role: 'admin' },
      ] as const) {
        others.push((await rotate(one.keys, grant)).info);
      }
      await rotate(one.keys, push);
      const { info } = await rotate(one.keys, push, true);
      assert.deepEqual(await one.keys.list(), [...others, info]);
      assert.deepEqual(await one.keys.list({ owner: 'system', system: 'default' }), [...others.slice(0, 2), info]);
      assert.deepEqual(await one.keys.list({ owner: 'system', system: 'shop' }), others.slice(2, 3));
      assert.deepEqual(await one.keys.list({ owner: 'operator' }), others.slice(3));
    });

    test('a system is keyed from its first key on, and without keys again stays so', async () => {
      await using one = await create();
      await one.systems.add('shop', 1);
      await rotate(one.keys, operator);
      assert.equal(await one.keys.isKeyed('default'), false);
      const { info } = await rotate(one.keys, push);
      assert.equal(await one.keys.isKeyed('default'), true);
      assert.equal(await one.keys.isKeyed('shop'), false);
      assert.deepEqual(await one.keys.remove(info.id), info);
      assert.equal(await one.keys.remove(info.id), undefined);
      assert.equal(await one.keys.find(info.id), undefined);
      assert.equal(await one.keys.isKeyed('default'), true);
    });

    test('a removed system is forgotten with its keys: added again, it begins without', async () => {
      await using one = await create();
      const grant: KeyGrant = { owner: 'system', system: 'shop', role: 'push' };
      await one.systems.add('shop', 1);
      const { info } = await rotate(one.keys, grant);
      const other = await rotate(one.keys, push);
      const operators = await rotate(one.keys, operator);
      await one.systems.remove('shop');
      await one.keys.removeSystem('shop');
      await one.systems.add('shop', 2);
      assert.equal(await one.keys.find(info.id), undefined);
      assert.equal(await one.keys.isKeyed('shop'), false);
      assert.deepEqual(await ids(one.keys), [other.info.id, operators.info.id]);
      assert.deepEqual((await rotate(one.keys, grant)).removed, []);
      assert.equal(await one.keys.isKeyed('shop'), true);
    });

    test('of keys made at once for one role, two stay', async () => {
      await using one = await create();
      const made = await Promise.all(Array.from({ length: 8 }, () => rotate(one.keys, push)));
      assert.equal(new Set(made.map(({ key }) => key)).size, 8);
      assert.deepEqual(
        await ids(one.keys),
        made.slice(-2).map(({ info }) => info.id),
      );
    });

    test('agrees with a plain list over any sequence of calls', async () => {
      await using one = await create();
      const random = createRandom(11);
      const owners = ['default', 'shop', "o'hara 云雀"] as const;
      for (const system of owners) await one.systems.add(system, 1);
      let model: KeyInfo[] = [];
      const keyed = new Set<string>();
      for (let n = 1; n <= 200; n += 1) {
        const system = pickOf(random, owners);
        const grant: KeyGrant =
          pick(random, 4) === 0
            ? { owner: 'operator', role: pickOf(random, ['read', 'operate', 'admin'] as const) }
            : { owner: 'system', system, role: pickOf(random, ['read', 'push', 'admin'] as const) };
        const what = pick(random, 10);
        if (what < 7) {
          const now = pick(random, 4) === 0;
          const end = pick(random, 2) === 0 ? { expiresAt: n + pick(random, 30) } : {};
          const { info } = await one.keys.rotate(grant, { now, createdAt: n, ...end });
          const isSame = (key: KeyInfo) =>
            key.owner === grant.owner &&
            key.role === grant.role &&
            (key.owner === 'operator' || (grant.owner === 'system' && key.system === grant.system));
          const kept = now ? undefined : model.findLast((key) => isSame(key) && !((key.expiresAt ?? 1e9) <= n));
          model = [...model.filter((key) => !isSame(key) || key === kept), info];
          if (grant.owner === 'system') keyed.add(grant.system);
        } else if (what < 9) {
          const gone = model[pick(random, model.length)];
          if (gone === undefined) continue;
          assert.deepEqual(await one.keys.remove(gone.id), gone);
          model = model.filter((key) => key !== gone);
        } else if (what === 9) {
          await one.keys.removeSystem(system);
          model = model.filter((key) => key.owner === 'operator' || key.system !== system);
          keyed.delete(system);
        }
        for (const each of owners) assert.equal(await one.keys.isKeyed(each), keyed.has(each));
        assert.deepEqual(await one.keys.list(), model);
      }
    });
  });
}
