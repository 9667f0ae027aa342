import type { KeyRole, OperatorRole } from './principal.ts';

/** Whose key it is, and what it may do. */
export type KeyGrant =
  | { readonly owner: 'system'; readonly system: string; readonly role: KeyRole }
  | { readonly owner: 'operator'; readonly role: OperatorRole };

/** All keys of one owner, whatever their roles. */
export type KeyOwner = { readonly owner: 'system'; readonly system: string } | { readonly owner: 'operator' };

/** A key as it may be shown: everything but the key. Times are milliseconds since the epoch. */
export type KeyInfo = KeyGrant & {
  /** The part of the key between `yq_` and the next `_`. */
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
};

/** A `KeyInfo` as a row of a list. */
export interface KeyRow {
  readonly id: string;
  readonly owner: KeyGrant['owner'];
  /** Absent: the operator's. */
  readonly system?: string;
  readonly role: KeyGrant['role'];
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** A key as it is kept. `digest`: SHA-256 of its secret. */
export type StoredKey = KeyInfo & { readonly digest: Buffer };

/** What came of making a new key. */
export interface KeyRotation {
  readonly info: KeyInfo;
  /** The key itself, told this once. */
  readonly key: string;
  /** The older key of the same owner and role that stays valid beside it, if any. */
  readonly kept?: KeyInfo;
  /** The ids of those that are valid no longer. */
  readonly removed: readonly string[];
}

/** A user who may not connect to its system until then (milliseconds since the epoch). */
export interface BanInfo {
  readonly system: string;
  readonly uid: string;
  readonly until: number;
  readonly reason: string;
}

/** Of a key that is to expire, and of a ban; in milliseconds. */
export const validity = {
  key: { least: 1000, most: 3650 * 86_400_000 },
  ban: { least: 1000, most: 365 * 86_400_000 },
} as const;
