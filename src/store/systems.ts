/** A tenant as it is kept. `createdAt` is milliseconds since the epoch. */
export interface SystemRecord {
  readonly system: string;
  readonly createdAt: number;
}

/**
 * The systems that exist. Lasting: what `add` has resolved is there after a restart. `default` always exists. `has` is on
 * the path of every message, so implementations answer it from memory where they can.
 */
export interface Systems {
  has(system: string): Promise<boolean>;
  /** False when it exists already. */
  add(system: string, createdAt: number): Promise<boolean>;
  /** False when there is none; `default` stays and answers false. */
  remove(system: string): Promise<boolean>;
  /** By name. */
  list(): Promise<SystemRecord[]>;
}
