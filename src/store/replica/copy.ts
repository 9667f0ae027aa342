import type { BanInfo, KeyGrant, KeyInfo, KeyOwner, KeyRotation } from '../../api/keys.ts';
import type { Bans } from '../bans.ts';
import type { Keys, RotateOptions } from '../keys.ts';
import type { Systems } from '../systems.ts';
import type { StoreChange, StoreSnapshot, StoreWrite } from './changes.ts';
import { StoreTables } from './tables.ts';

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
  const tables = new StoreTables(snapshot);
  return { ...storesOf(tables, ask), apply: (change) => tables.apply(change) };
}

/** Answered from the tables, whatever they hold at that time. */
export function storesOf(tables: StoreTables, ask: AskOwner): Omit<StoreCopy, 'apply'> {
  return { systems: systemsOf(tables, ask), keys: keysOf(tables, ask), bans: bansOf(tables, ask) };
}

function systemsOf(tables: StoreTables, ask: AskOwner): Systems {
  return {
    has: (system) => tables.records.has(system),
    add: async (system, createdAt) => (await ask({ type: 'systems.add', system, createdAt })) as boolean,
    addAll: async (systems, createdAt) => void (await ask({ type: 'systems.addAll', systems, createdAt })),
    remove: async (system) => (await ask({ type: 'systems.remove', system })) as boolean,
    list: async () => [...tables.records.values()].sort((a, b) => (a.system < b.system ? -1 : 1)),
  };
}

function keysOf(tables: StoreTables, ask: AskOwner): Keys {
  return {
    find: (id) => tables.keys.find(id),
    isKeyed: (system) => tables.keys.isKeyed(system),
    rotate: async (grant: KeyGrant, options: RotateOptions) =>
      (await ask({ type: 'keys.rotate', grant, options })) as KeyRotation,
    remove: async (id) => (await ask({ type: 'keys.remove', id })) as KeyInfo | undefined,
    removeSystem: async (system) => void (await ask({ type: 'keys.removeSystem', system })),
    list: async (owner?: KeyOwner) => tables.keys.list(owner),
  };
}

function bansOf(tables: StoreTables, ask: AskOwner): Bans {
  return {
    ban: async (ban: BanInfo, now) => void (await ask({ type: 'bans.ban', ban, now })),
    unban: async (system, uid, now) => (await ask({ type: 'bans.unban', system, uid, now })) as boolean,
    find: (system, uid, now) => tables.bans.find(system, uid, now),
    list: async (now, system) => tables.bans.list(now, system),
    removeSystem: async (system) => void (await ask({ type: 'bans.removeSystem', system })),
  };
}
