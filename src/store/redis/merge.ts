import type { StoreChange } from '../replica/changes.ts';
import type { StoreTables } from '../replica/tables.ts';

/**
 * What `theirs`, begun by somebody who did not know `mine`, lacks of it. What they have stays. Keys and "was ever keyed" above all: a system
 * that loses them is open to trusted peers.
 */
export function missingFrom(theirs: StoreTables, mine: StoreTables, now: number): StoreChange[] {
  const { systems, keys, keyed, bans } = mine.snapshot();
  const fresh = systems.filter(({ system }) => !theirs.records.has(system));
  const changes: StoreChange[] = fresh.length === 0 ? [] : [{ type: 'systemsAdded', systems: fresh }];
  for (const stored of keys) {
    if (theirs.keys.find(stored.id) === undefined) changes.push({ type: 'keyMade', stored, removed: [] });
  }
  for (const system of keyed) if (!theirs.keys.isKeyed(system)) changes.push({ type: 'systemKeyed', system });
  for (const ban of bans) {
    if (ban.until > now && theirs.bans.find(ban.system, ban.uid, now) === undefined) {
      changes.push({ type: 'banned', ban, now });
    }
  }
  return changes;
}
