import type { StoredKey } from '../../api/keys.ts';
import { BanTable } from '../ban-table.ts';
import { KeyTable } from '../key-table.ts';
import type { SystemRecord } from '../systems.ts';
import type { StoreChange, StoreSnapshot } from './changes.ts';

export const nothingStored: StoreSnapshot = { systems: [], keys: [], keyed: [], bans: [] };

/** What a copy of the stores holds. */
export class StoreTables {
  #records = new Map<string, SystemRecord>();
  #keys = new KeyTable();
  #bans = new BanTable();

  constructor({ systems, keys, keyed, bans }: StoreSnapshot) {
    for (const record of systems) this.#records.set(record.system, record);
    for (const system of keyed) this.#keys.markKeyed(system);
    for (const key of keys) this.#keys.add(withBuffer(key));
    for (const ban of bans) this.#bans.set(ban);
  }

  get records(): ReadonlyMap<string, SystemRecord> {
    return this.#records;
  }

  get keys(): KeyTable {
    return this.#keys;
  }

  get bans(): BanTable {
    return this.#bans;
  }

  snapshot(): StoreSnapshot {
    const systems = [...this.#records.values()];
    return {
      systems,
      keys: this.#keys
        .list()
        .map(({ id }) => this.#keys.find(id))
        .filter((key) => key !== undefined),
      keyed: systems.map(({ system }) => system).filter((system) => this.#keys.isKeyed(system)),
      bans: this.#bans.list(Number.NEGATIVE_INFINITY),
    };
  }

  /** Takes over what `other` holds, which is then used no more: all of it at once. */
  become(other: StoreTables): void {
    this.#records = other.#records;
    this.#keys = other.#keys;
    this.#bans = other.#bans;
  }

  apply(change: StoreChange): void {
    switch (change.type) {
      case 'systemsAdded':
        for (const record of change.systems) this.#records.set(record.system, record);
        return;
      case 'systemRemoved':
        this.#records.delete(change.system);
        return;
      case 'keyMade':
        for (const id of change.removed) this.#keys.remove(id);
        this.#keys.add(withBuffer(change.stored));
        return;
      case 'keyRemoved':
        this.#keys.remove(change.id);
        return;
      case 'keysOfSystemRemoved':
        this.#keys.removeSystem(change.system);
        return;
      case 'systemKeyed':
        this.#keys.markKeyed(change.system);
        return;
      case 'banned':
        this.#bans.sweep(change.now);
        this.#bans.set(change.ban);
        return;
      case 'unbanned':
        this.#bans.remove(change.system, change.uid);
        return;
      case 'bansOfSystemRemoved':
        this.#bans.removeSystem(change.system);
        return;
      default:
        change satisfies never;
    }
  }
}

/** Between processes a Buffer arrives as the plain array of bytes it extends. */
function withBuffer(key: StoredKey): StoredKey {
  return { ...key, digest: Buffer.from(key.digest) };
}
