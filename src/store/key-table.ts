import type { KeyGrant, KeyInfo, KeyOwner, KeyRotation, StoredKey } from '../api/keys.ts';
import { createApiKey } from '../util/api-key.ts';
import type { RotateOptions } from './keys.ts';

/** A rotation that is still to be done. */
export interface RotationPlan extends KeyRotation {
  readonly stored: StoredKey;
}

/** Keys in memory, in the order of making: what the implementations of `Keys` answer from. */
export class KeyTable {
  readonly #keys = new Map<string, StoredKey>();
  readonly #keyed = new Set<string>();

  find(id: string): StoredKey | undefined {
    return this.#keys.get(id);
  }

  isKeyed(system: string): boolean {
    return this.#keyed.has(system);
  }

  list(owner?: KeyOwner): KeyInfo[] {
    return [...this.#keys.values()].filter((key) => owner === undefined || isOf(key, owner)).map(infoOf);
  }

  /** Changes nothing; `add` and `remove` carry it out. */
  plan(grant: KeyGrant, { now, expiresAt, createdAt }: RotateOptions): RotationPlan {
    const { id, digest, text } = this.#newKey();
    const info: KeyInfo = { ...grant, id, createdAt, ...(expiresAt !== undefined && { expiresAt }) };
    const older = this.list(grant).filter(({ role }) => role === grant.role);
    const kept = now ? undefined : older.findLast((key) => !isExpired(key, createdAt));
    const removed = older.filter((key) => key !== kept).map((key) => key.id);
    return { info, key: text, removed, stored: { ...info, digest }, ...(kept && { kept }) };
  }

  add(key: StoredKey): void {
    this.#keys.set(key.id, key);
    if (key.owner === 'system') this.markKeyed(key.system);
  }

  markKeyed(system: string): void {
    this.#keyed.add(system);
  }

  remove(id: string): void {
    this.#keys.delete(id);
  }

  removeSystem(system: string): void {
    for (const { id } of this.list({ owner: 'system', system })) this.remove(id);
    this.#keyed.delete(system);
  }

  #newKey(): ReturnType<typeof createApiKey> {
    const made = createApiKey();
    return this.#keys.has(made.id) ? this.#newKey() : made;
  }
}

export function infoOf({ digest: _, ...info }: StoredKey): KeyInfo {
  return info;
}

/** What may be told of a plan that was carried out. */
export function rotationOf({ stored: _, ...rotation }: RotationPlan): KeyRotation {
  return rotation;
}

function isExpired({ expiresAt = Number.POSITIVE_INFINITY }: KeyInfo, now: number): boolean {
  return expiresAt <= now;
}

function isOf(key: KeyInfo, owner: KeyOwner): boolean {
  if (owner.owner === 'operator') return key.owner === 'operator';
  return key.owner === 'system' && key.system === owner.system;
}
