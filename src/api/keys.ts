import type { KeyRole, OperatorRole } from './principal.ts';

/** Whose key it is, and what it may do. */
export type KeyGrant =
  | { readonly owner: 'system'; readonly system: string; readonly role: KeyRole }
  | { readonly owner: 'operator'; readonly role: OperatorRole };

/** A key as it may be shown: everything but the key. Times are milliseconds since the epoch. */
export type KeyInfo = KeyGrant & {
  /** The part of the key between `yq_` and the next `_`. */
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
};

/** A user who may not connect to its system until then (milliseconds since the epoch). */
export interface BanInfo {
  readonly system: string;
  readonly uid: string;
  readonly until: number;
  readonly reason: string;
}
