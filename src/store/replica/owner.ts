import type { Bans } from '../bans.ts';
import type { Keys } from '../keys.ts';
import type { Systems } from '../systems.ts';
import type { StoreChange, StoreSnapshot, StoreWrite } from './changes.ts';

export interface OwnedStores {
  readonly systems: Systems;
  readonly keys: Keys;
  readonly bans: Bans;
}

/** A copy of the stores: resolves when it knows the change, and never rejects. */
export type CopyListener = (change: StoreChange) => Promise<void>;

/**
 * The lasting stores, with copies elsewhere. Every write is done here, one after the other; it resolves when every copy knows
 * it, so that whoever was told it is done finds it done everywhere.
 */
export class StoreOwner {
  readonly #stores: OwnedStores;
  readonly #copies = new Set<CopyListener>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(stores: OwnedStores) {
    this.#stores = stores;
  }

  /** `begin` is given everything as it is and starts the copy; from then on the listener it answers is told each change. */
  attach(begin: (snapshot: StoreSnapshot) => CopyListener): Promise<() => void> {
    return this.#inOrder(async () => {
      const listener = begin(await this.#snapshot());
      this.#copies.add(listener);
      return () => void this.#copies.delete(listener);
    });
  }

  /** Answers what the method of that name does. */
  async write(write: StoreWrite): Promise<unknown> {
    const { answer, known } = await this.#inOrder(async () => {
      const done = await this.#do(write);
      return { answer: done.answer, known: done.changes.flatMap((change) => this.#tell(change)) };
    });
    await Promise.all(known);
    return answer;
  }

  #tell(change: StoreChange): Promise<void>[] {
    return [...this.#copies].map((listener) => listener(change));
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #do(write: StoreWrite): Promise<{ answer: unknown; changes: StoreChange[] }> {
    const { systems, keys, bans } = this.#stores;
    switch (write.type) {
      case 'systems.add': {
        const { system, createdAt } = write;
        const answer = await systems.add(system, createdAt);
        return { answer, changes: answer ? [{ type: 'systemsAdded', systems: [{ system, createdAt }] }] : [] };
      }
      case 'systems.addAll': {
        await systems.addAll(write.systems, write.createdAt);
        const wanted = new Set(write.systems);
        const added = (await systems.list()).filter(({ system }) => wanted.has(system));
        return { answer: undefined, changes: [{ type: 'systemsAdded', systems: added }] };
      }
      case 'systems.remove': {
        const answer = await systems.remove(write.system);
        return { answer, changes: answer ? [{ type: 'systemRemoved', system: write.system }] : [] };
      }
      case 'keys.rotate': {
        const rotation = await keys.rotate(write.grant, write.options);
        const stored = await keys.find(rotation.info.id);
        if (stored === undefined) return { answer: rotation, changes: [] };
        return { answer: rotation, changes: [{ type: 'keyMade', stored, removed: rotation.removed }] };
      }
      case 'keys.remove':
        return { answer: await keys.remove(write.id), changes: [{ type: 'keyRemoved', id: write.id }] };
      case 'keys.removeSystem':
        await keys.removeSystem(write.system);
        return { answer: undefined, changes: [{ type: 'keysOfSystemRemoved', system: write.system }] };
      case 'bans.ban':
        await bans.ban(write.ban, write.now);
        return { answer: undefined, changes: [{ type: 'banned', ban: write.ban, now: write.now }] };
      case 'bans.unban': {
        const { system, uid, now } = write;
        return { answer: await bans.unban(system, uid, now), changes: [{ type: 'unbanned', system, uid }] };
      }
      case 'bans.removeSystem':
        await bans.removeSystem(write.system);
        return { answer: undefined, changes: [{ type: 'bansOfSystemRemoved', system: write.system }] };
      default:
        return write satisfies never;
    }
  }

  async #snapshot(): Promise<StoreSnapshot> {
    const { systems, keys, bans } = this.#stores;
    const records = await systems.list();
    const found = await Promise.all((await keys.list()).map(({ id }) => keys.find(id)));
    const keyed = await Promise.all(records.map(({ system }) => keys.isKeyed(system)));
    return {
      systems: records,
      keys: found.filter((key) => key !== undefined),
      keyed: records.filter((_, at) => keyed[at]).map(({ system }) => system),
      bans: await bans.list(Date.now()),
    };
  }
}
