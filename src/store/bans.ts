import type { BanInfo } from '../api/keys.ts';
import type { Awaitable } from '../util/awaitable.ts';

/**
 * Users who may not connect for a while; `now` and `until` are milliseconds since the epoch. Lasting: what has resolved is
 * there after a restart. A ban is over when `until` is reached, and is then forgotten. `find` is on the path of every bind,
 * so implementations answer it from memory, and at once, where they can.
 */
export interface Bans {
  /** Replaces the one this user has. The system must exist. */
  ban(ban: BanInfo, now: number): Promise<void>;
  /** False when there was none that still held. */
  unban(system: string, uid: string, now: number): Promise<boolean>;
  find(system: string, uid: string, now: number): Awaitable<BanInfo | undefined>;
  /** By system, then uid. */
  list(now: number, system?: string): Promise<BanInfo[]>;
  /** Forgets a removed system. */
  removeSystem(system: string): Promise<void>;
}
