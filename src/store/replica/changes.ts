import type { BanInfo, KeyGrant, StoredKey } from '../../api/keys.ts';
import type { RotateOptions } from '../keys.ts';
import type { SystemRecord } from '../systems.ts';

/** What was changed in the lasting stores: a copy that carries out every change in order is as they are. */
export type StoreChange =
  | { readonly type: 'systemsAdded'; readonly systems: readonly SystemRecord[] }
  | { readonly type: 'systemRemoved'; readonly system: string }
  | { readonly type: 'keyMade'; readonly stored: StoredKey; readonly removed: readonly string[] }
  | { readonly type: 'keyRemoved'; readonly id: string }
  | { readonly type: 'keysOfSystemRemoved'; readonly system: string }
  /** It had a key once. */
  | { readonly type: 'systemKeyed'; readonly system: string }
  | { readonly type: 'banned'; readonly ban: BanInfo; readonly now: number }
  | { readonly type: 'unbanned'; readonly system: string; readonly uid: string }
  | { readonly type: 'bansOfSystemRemoved'; readonly system: string };

/** Everything a copy begins with. */
export interface StoreSnapshot {
  readonly systems: readonly SystemRecord[];
  /** In the order of making. */
  readonly keys: readonly StoredKey[];
  /** Systems that ever had a key. */
  readonly keyed: readonly string[];
  readonly bans: readonly BanInfo[];
}

/** A write, as a copy asks the owner of the stores for it. Each is named for the method it is. */
export type StoreWrite =
  | { readonly type: 'systems.add'; readonly system: string; readonly createdAt: number }
  | { readonly type: 'systems.addAll'; readonly systems: readonly string[]; readonly createdAt: number }
  | { readonly type: 'systems.remove'; readonly system: string }
  | { readonly type: 'keys.rotate'; readonly grant: KeyGrant; readonly options: RotateOptions }
  | { readonly type: 'keys.remove'; readonly id: string }
  | { readonly type: 'keys.removeSystem'; readonly system: string }
  | { readonly type: 'bans.ban'; readonly ban: BanInfo; readonly now: number }
  | { readonly type: 'bans.unban'; readonly system: string; readonly uid: string; readonly now: number }
  | { readonly type: 'bans.removeSystem'; readonly system: string };
