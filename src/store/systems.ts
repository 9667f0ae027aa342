import type { Awaitable } from '../util/awaitable.ts';

/** A tenant as it is kept. `createdAt` is milliseconds since the epoch. */
export interface SystemRecord {
  readonly system: string;
  readonly createdAt: number;
}

/**
 * The systems that exist. Lasting: what `add` has resolved is there after a restart. `default` always exists. `has` is on
 * the path of every message, so implementations answer it from memory, and at once, where they can.
 */
export interface Systems {
  has(system: string): Awaitable<boolean>;
  /** False when it exists already. */
  add(system: string, createdAt: number): Promise<boolean>;
  /** Those that exist already stay as they are. All of them are there then or, where it rejects, none that was not. */
  addAll(systems: readonly string[], createdAt: number): Promise<void>;
  /** False when there is none; `default` stays and answers false. */
  remove(system: string): Promise<boolean>;
  /** By name. */
  list(): Promise<SystemRecord[]>;
}
