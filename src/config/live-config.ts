import { sectionNames } from './keys.ts';
import type { ReadConfig } from './load-config.ts';
import type { Config } from './schema.ts';

/** The configuration in force, which a reload changes. */
export interface LiveConfig {
  /**
   * Reads as what is in force at that moment. A section of it that is kept, such as `config.drain`, does so too; a value that is
   * kept stays what it was.
   */
  readonly config: Config;
  /** What is in force, as one piece that no longer changes. */
  readonly inForce: Config;
  /** From here on this is in force. */
  replace(next: Config): void;
  /** Reads the configuration again from where it came from, which changes nothing here. */
  load(): Loaded;
}

export type Loaded = Pick<ReadConfig, 'config' | 'warnings' | 'problems' | 'isWhole' | 'problemOf' | 'inOrder'>;

export function createLiveConfig(first: Config, load: () => Loaded): LiveConfig {
  let inForce = first;
  return {
    config: viewOf(first, '', () => inForce),
    get inForce() {
      return inForce;
    },
    replace(next) {
      inForce = next;
    },
    load,
  };
}

/** Every configuration has the same sections; values are whatever stands there when they are asked for. */
function viewOf<T extends object>(section: T, name: string, read: () => T): T {
  const view = {};
  for (const field of Object.keys(section) as (keyof T & string)[]) {
    const key = name === '' ? field : `${name}.${field}`;
    const inner = section[field];
    const isSection = sectionNames.has(key) && typeof inner === 'object' && inner !== null;
    const sub = isSection ? viewOf(inner, key, () => read()[field] as typeof inner) : undefined;
    Object.defineProperty(view, field, { enumerable: true, get: () => sub ?? read()[field] });
  }
  return Object.freeze(view) as T;
}
