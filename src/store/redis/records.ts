import type { BanInfo, StoredKey } from '../../api/keys.ts';
import type { StoreChange } from '../replica/changes.ts';
import { nothingStored, StoreTables } from '../replica/tables.ts';
import { type KeptTables, storeKeys } from './store-script.ts';

/** What a script is to keep: table, field and value of each record in turn; an empty value removes it. */
export type Records = (string | number)[];

type Table = 'systems' | 'keys' | 'keyed' | 'bans';

/** Counted as Lua counts. */
const indexOf = (table: Table) => storeKeys.indexOf(table) + 1;
const banField = ({ system, uid }: Pick<BanInfo, 'system' | 'uid'>) => JSON.stringify([system, uid]);

/** `order`: keys are listed in the order of making. */
type KeptKey = Omit<StoredKey, 'digest'> & { readonly digest: string; readonly order: number };

/** What the changes make of the records that `tables` are kept as. `order`: greater than that of any key made before. */
export function recordsOf(tables: StoreTables, changes: readonly StoreChange[], order: number): Records {
  // Each is seen from what those before it leave.
  const now = changes.length > 1 ? new StoreTables(tables.snapshot()) : tables;
  return changes.flatMap((change, at) => {
    const records = recordsOfChange(now, change, order + at);
    if (now !== tables) now.apply(change);
    return records;
  });
}

/** Everything; the keys are numbered from 0. */
export function allRecordsOf(tables: StoreTables): Records {
  const { systems, keys, keyed, bans } = tables.snapshot();
  return [
    ...systems.flatMap((record) => [indexOf('systems'), record.system, JSON.stringify(record)]),
    ...keys.flatMap((key, at) => [indexOf('keys'), key.id, writeKey(key, at)]),
    ...keyed.flatMap((system) => [indexOf('keyed'), system, '1']),
    ...bans.flatMap((ban) => [indexOf('bans'), banField(ban), JSON.stringify(ban)]),
  ];
}

export function readTables({ systems, keys, keyed, bans }: KeptTables): StoreTables {
  const kept = valuesOf(keys).map((text) => JSON.parse(text) as KeptKey);
  return new StoreTables({
    ...nothingStored,
    systems: valuesOf(systems).map((text) => JSON.parse(text)),
    keys: kept.sort((a, b) => a.order - b.order).map(({ order: _, ...key }) => withBytes(key)),
    keyed,
    bans: valuesOf(bans).map((text) => JSON.parse(text)),
  });
}

export function writeChanges(changes: readonly StoreChange[]): string {
  return JSON.stringify(
    changes.map((change) =>
      change.type === 'keyMade' ? { ...change, stored: { ...change.stored, digest: textOf(change.stored) } } : change,
    ),
  );
}

export function readChanges(text: string): StoreChange[] {
  const changes = JSON.parse(text) as StoreChange[];
  return changes.map((change) =>
    change.type === 'keyMade'
      ? { ...change, stored: withBytes(change.stored as Omit<StoredKey, 'digest'> & { digest: string | Buffer }) }
      : change,
  );
}

function recordsOfChange(tables: StoreTables, change: StoreChange, order: number): Records {
  const gone = (table: Table, fields: readonly string[]) => fields.flatMap((field) => [indexOf(table), field, '']);
  switch (change.type) {
    case 'systemsAdded':
      return change.systems.flatMap((record) => [indexOf('systems'), record.system, JSON.stringify(record)]);
    case 'systemRemoved':
      return gone('systems', [change.system]);
    case 'keyMade': {
      const { stored, removed } = change;
      const keyed = stored.owner === 'system' ? [indexOf('keyed'), stored.system, '1'] : [];
      return [...gone('keys', removed), indexOf('keys'), stored.id, writeKey(stored, order), ...keyed];
    }
    case 'keyRemoved':
      return gone('keys', [change.id]);
    case 'keysOfSystemRemoved': {
      const keys = tables.keys.list({ owner: 'system', system: change.system });
      return [
        ...gone(
          'keys',
          keys.map(({ id }) => id),
        ),
        ...gone('keyed', [change.system]),
      ];
    }
    case 'systemKeyed':
      return [indexOf('keyed'), change.system, '1'];
    case 'banned': {
      const over = tables.bans.list(Number.NEGATIVE_INFINITY).filter(({ until }) => until <= change.now);
      return [...gone('bans', over.map(banField)), indexOf('bans'), banField(change.ban), JSON.stringify(change.ban)];
    }
    case 'unbanned':
      return gone('bans', [banField(change)]);
    case 'bansOfSystemRemoved':
      return gone('bans', tables.bans.list(Number.NEGATIVE_INFINITY, change.system).map(banField));
    default:
      return change satisfies never;
  }
}

function writeKey(key: StoredKey, order: number): string {
  return JSON.stringify({ ...key, digest: textOf(key), order });
}

function textOf({ digest }: StoredKey): string {
  return digest.toString('base64');
}

function withBytes(key: Omit<StoredKey, 'digest'> & { readonly digest: string | Buffer }): StoredKey {
  return { ...key, digest: Buffer.from(String(key.digest), 'base64') } as StoredKey;
}

function valuesOf(flat: readonly string[]): string[] {
  return flat.filter((_, at) => at % 2 === 1);
}
