import { defaultSystem } from '../api/system.ts';
import type { SystemRecord, Systems } from './systems.ts';

/** Systems that last as long as the process: for tests, and the reference for the others. */
export class MemorySystems implements Systems {
  readonly #records = new Map<string, SystemRecord>([[defaultSystem, { system: defaultSystem, createdAt: 0 }]]);

  has(system: string): boolean {
    return this.#records.has(system);
  }

  async add(system: string, createdAt: number): Promise<boolean> {
    if (this.#records.has(system)) return false;
    this.#records.set(system, { system, createdAt });
    return true;
  }

  async addAll(systems: readonly string[], createdAt: number): Promise<void> {
    for (const system of systems) await this.add(system, createdAt);
  }

  async remove(system: string): Promise<boolean> {
    return system !== defaultSystem && this.#records.delete(system);
  }

  async list(): Promise<SystemRecord[]> {
    return [...this.#records.values()].sort((a, b) => (a.system < b.system ? -1 : 1));
  }
}
