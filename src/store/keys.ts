import type { KeyGrant, KeyInfo, KeyOwner, KeyRotation, StoredKey } from '../api/keys.ts';
import type { Awaitable } from '../util/awaitable.ts';

export interface RotateOptions {
  /** No older key stays valid. */
  readonly now: boolean;
  /** Milliseconds since the epoch, as the next. Absent: until it is removed. */
  readonly expiresAt?: number;
  readonly createdAt: number;
}

/**
 * The API keys that were given out; never their text. Lasting: what has resolved is there after a restart. `find` and
 * `isKeyed` are on the path of every request, so implementations answer them from memory, and at once, where they can.
 */
export interface Keys {
  /** Those that have expired, too. */
  find(id: string): Awaitable<StoredKey | undefined>;
  /**
   * Whether the system ever had a key. Stays true without keys, for a revoked key must not open the system to trusted
   * peers again; ends with the system.
   */
  isKeyed(system: string): Awaitable<boolean>;
  /**
   * Makes a key. Of the older ones of the same owner and role the newest that has not expired at `createdAt` stays, or with
   * `now` none. The system must exist.
   */
  rotate(grant: KeyGrant, options: RotateOptions): Promise<KeyRotation>;
  /** What was removed. */
  remove(id: string): Promise<KeyInfo | undefined>;
  /** Forgets a removed system: its keys, and that it had any. */
  removeSystem(system: string): Promise<void>;
  /** In the order of making. */
  list(owner?: KeyOwner): Promise<KeyInfo[]>;
}
