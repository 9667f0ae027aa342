import type { KeyGrant, KeyInfo, KeyOwner, KeyRotation, StoredKey } from '../api/keys.ts';
import { infoOf, KeyTable, rotationOf } from './key-table.ts';
import type { Keys, RotateOptions } from './keys.ts';

/** Keys that last as long as the process: for tests, and the reference for the others. */
export class MemoryKeys implements Keys {
  readonly #table = new KeyTable();

  find(id: string): StoredKey | undefined {
    return this.#table.find(id);
  }

  isKeyed(system: string): boolean {
    return this.#table.isKeyed(system);
  }

  async rotate(grant: KeyGrant, options: RotateOptions): Promise<KeyRotation> {
    const plan = this.#table.plan(grant, options);
    for (const id of plan.removed) this.#table.remove(id);
    this.#table.add(plan.stored);
    return rotationOf(plan);
  }

  async remove(id: string): Promise<KeyInfo | undefined> {
    const key = this.#table.find(id);
    this.#table.remove(id);
    return key && infoOf(key);
  }

  async removeSystem(system: string): Promise<void> {
    this.#table.removeSystem(system);
  }

  async list(owner?: KeyOwner): Promise<KeyInfo[]> {
    return this.#table.list(owner);
  }
}
