import type { BanInfo, KeyGrant, KeyInfo, KeyOwner, KeyRotation, StoredKey } from '../../api/keys.ts';
import { BanTable } from '../ban-table.ts';
import type { Bans } from '../bans.ts';
import { KeyTable } from '../key-table.ts';
import type { Keys, RotateOptions } from '../keys.ts';
import type { SystemRecord, Systems } from '../systems.ts';
import type { StoreChange, StoreSnapshot, StoreWrite } from './changes.ts';

/** Asks the owner of the stores for a write; resolves when every copy knows it, this one included. */
export type AskOwner = (write: StoreWrite) => Promise<unknown>;

/** Stores that are answered from this copy and written by their owner. */
export interface StoreCopy {
  readonly systems: Systems;
  readonly keys: Keys;
  readonly bans: Bans;
  /** Carries out a change of the owner's. */
  apply(change: StoreChange): void;
}

export function createStoreCopy(snapshot: StoreSnapshot, ask: AskOwner): StoreCopy {
  const records = new Map(snapshot.systems.map((record) => [record.system, record]));
  const keys = new KeyTable();
  for (const system of snapshot.keyed) keys.markKeyed(system);
  for (const key of snapshot.keys) keys.add(withBuffer(key));
  const bans = new BanTable();
  for (const ban of snapshot.bans) bans.set(ban);
  return {
    systems: systemsOf(records, ask),
    keys: keysOf(keys, ask),
    bans: bansOf(bans, ask),
    apply(change) {
      switch (change.type) {
        case 'systemsAdded':
          for (const record of change.systems) records.set(record.system, record);
          return;
        case 'systemRemoved':
          records.delete(change.system);
          return;
        case 'keyMade':
          for (const id of change.removed) keys.remove(id);
          keys.add(withBuffer(change.stored));
          return;
        case 'keyRemoved':
          keys.remove(change.id);
          return;
        case 'keysOfSystemRemoved':
          keys.removeSystem(change.system);
          return;
        case 'banned':
          bans.sweep(change.now);
          bans.set(change.ban);
          return;
        case 'unbanned':
          bans.remove(change.system, change.uid);
          return;
        case 'bansOfSystemRemoved':
          bans.removeSystem(change.system);
          return;
        default:
          change satisfies never;
      }
    },
  };
}

function systemsOf(records: ReadonlyMap<string, SystemRecord>, ask: AskOwner): Systems {
  return {
    has: (system) => records.has(system),
    add: async (system, createdAt) => (await ask({ type: 'systems.add', system, createdAt })) as boolean,
    addAll: async (systems, createdAt) => void (await ask({ type: 'systems.addAll', systems, createdAt })),
    remove: async (system) => (await ask({ type: 'systems.remove', system })) as boolean,
    list: async () => [...records.values()].sort((a, b) => (a.system < b.system ? -1 : 1)),
  };
}

function keysOf(table: KeyTable, ask: AskOwner): Keys {
  return {
    find: (id) => table.find(id),
    isKeyed: (system) => table.isKeyed(system),
    rotate: async (grant: KeyGrant, options: RotateOptions) =>
      (await ask({ type: 'keys.rotate', grant, options })) as KeyRotation,
    remove: async (id) => (await ask({ type: 'keys.remove', id })) as KeyInfo | undefined,
    removeSystem: async (system) => void (await ask({ type: 'keys.removeSystem', system })),
    list: async (owner?: KeyOwner) => table.list(owner),
  };
}

function bansOf(table: BanTable, ask: AskOwner): Bans {
  return {
    ban: async (ban: BanInfo, now) => void (await ask({ type: 'bans.ban', ban, now })),
    unban: async (system, uid, now) => (await ask({ type: 'bans.unban', system, uid, now })) as boolean,
    find: (system, uid, now) => table.find(system, uid, now),
    list: async (now, system) => table.list(now, system),
    removeSystem: async (system) => void (await ask({ type: 'bans.removeSystem', system })),
  };
}

/** Between processes a Buffer arrives as the plain array of bytes it extends. */
function withBuffer(key: StoredKey): StoredKey {
  return { ...key, digest: Buffer.from(key.digest) };
}
