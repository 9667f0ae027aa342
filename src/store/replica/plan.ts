import { YunqueError } from '../../api/errors.ts';
import { defaultSystem } from '../../api/system.ts';
import { infoOf, rotationOf } from '../key-table.ts';
import type { StoreChange, StoreWrite } from './changes.ts';
import type { StoreTables } from './tables.ts';

export interface PlannedWrite {
  /** Of the method that the write is named for, once the changes are made. */
  readonly answer: unknown;
  /** Empty: everything is as the write wants it. */
  readonly changes: readonly StoreChange[];
}

/** What a write would change in the tables, and leaves as it is. Throws `unknown_system` where keys or bans are of a system that is none. */
export function planWrite(tables: StoreTables, write: StoreWrite): PlannedWrite {
  const { records, keys, bans } = tables;
  switch (write.type) {
    case 'systems.add': {
      const { system, createdAt } = write;
      if (records.has(system)) return { answer: false, changes: [] };
      return { answer: true, changes: [{ type: 'systemsAdded', systems: [{ system, createdAt }] }] };
    }
    case 'systems.addAll': {
      const fresh = [...new Set(write.systems)].filter((system) => !records.has(system));
      const systems = fresh.map((system) => ({ system, createdAt: write.createdAt }));
      return { answer: undefined, changes: systems.length === 0 ? [] : [{ type: 'systemsAdded', systems }] };
    }
    case 'systems.remove': {
      const { system } = write;
      if (system === defaultSystem || !records.has(system)) return { answer: false, changes: [] };
      return { answer: true, changes: [{ type: 'systemRemoved', system }, ...forgotten(tables, system)] };
    }
    case 'keys.rotate': {
      if (write.grant.owner === 'system') requireRecord(tables, write.grant.system);
      const plan = keys.plan(write.grant, write.options);
      return {
        answer: rotationOf(plan),
        changes: [{ type: 'keyMade', stored: plan.stored, removed: plan.removed }],
      };
    }
    case 'keys.remove': {
      const key = keys.find(write.id);
      if (key === undefined) return { answer: undefined, changes: [] };
      return { answer: infoOf(key), changes: [{ type: 'keyRemoved', id: write.id }] };
    }
    case 'keys.removeSystem':
      return { answer: undefined, changes: keysForgotten(tables, write.system) };
    case 'bans.ban':
      requireRecord(tables, write.ban.system);
      return { answer: undefined, changes: [{ type: 'banned', ban: write.ban, now: write.now }] };
    case 'bans.unban': {
      const { system, uid, now } = write;
      const isKept = bans.find(system, uid, Number.NEGATIVE_INFINITY) !== undefined;
      const answer = bans.find(system, uid, now) !== undefined;
      return { answer, changes: isKept ? [{ type: 'unbanned', system, uid }] : [] };
    }
    case 'bans.removeSystem':
      return { answer: undefined, changes: bansForgotten(tables, write.system) };
    default:
      return write satisfies never;
  }
}

/** With a system everything of it goes. */
function forgotten(tables: StoreTables, system: string): StoreChange[] {
  return [...keysForgotten(tables, system), ...bansForgotten(tables, system)];
}

function keysForgotten({ keys }: StoreTables, system: string): StoreChange[] {
  return keys.isKeyed(system) ? [{ type: 'keysOfSystemRemoved', system }] : [];
}

function bansForgotten({ bans }: StoreTables, system: string): StoreChange[] {
  const isEmpty = bans.list(Number.NEGATIVE_INFINITY, system).length === 0;
  return isEmpty ? [] : [{ type: 'bansOfSystemRemoved', system }];
}

function requireRecord({ records }: StoreTables, system: string): void {
  if (!records.has(system)) throw new YunqueError('unknown_system', `no such system: ${JSON.stringify(system)}`);
}
