import { setImmediate as turn } from 'node:timers/promises';
import { createStoreCopy, type StoreCopy } from '../../src/store/replica/copy.ts';
import { type OwnedStores, StoreOwner } from '../../src/store/replica/owner.ts';

/** A copy of stores that says what it hears late, and through which everything is cloned, as between processes. */
export async function attachCopy(owner: StoreOwner, turnsLate: number): Promise<StoreCopy> {
  const made = Promise.withResolvers<StoreCopy>();
  await owner.attach((snapshot) => {
    const copy = createStoreCopy(structuredClone(snapshot), async (write) =>
      structuredClone(await owner.write(structuredClone(write))),
    );
    made.resolve(copy);
    return async (change) => {
      for (let n = 0; n < turnsLate; n += 1) await turn();
      copy.apply(structuredClone(change));
    };
  });
  return await made.promise;
}

/** Stores that are written through one copy and read from another. */
export async function copiedStores(stores: OwnedStores): Promise<OwnedStores> {
  const owner = new StoreOwner(stores);
  const [written, read] = [await attachCopy(owner, 1), await attachCopy(owner, 3)];
  const { add, addAll, remove } = written.systems;
  const { ban, unban } = written.bans;
  return {
    systems: { ...read.systems, add, addAll, remove },
    keys: {
      ...read.keys,
      rotate: written.keys.rotate,
      remove: written.keys.remove,
      removeSystem: written.keys.removeSystem,
    },
    bans: { ...read.bans, ban, unban, removeSystem: written.bans.removeSystem },
  };
}
