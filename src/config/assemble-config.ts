import { fieldPath, settingKeys } from './keys.ts';
import type { Config, SettingKey } from './schema.ts';

/** Nests checked values into a `Config`, every field present. */
export function assembleConfig(values: ReadonlyMap<SettingKey, unknown>): Config {
  const root = new Map<string, unknown>();
  for (const key of settingKeys) {
    const path = [...fieldPath(key)];
    const field = path.pop() ?? key;
    let section = root;
    for (const part of path) {
      const inside = section.get(part) ?? new Map<string, unknown>();
      section.set(part, inside);
      section = inside as Map<string, unknown>;
    }
    section.set(field, values.get(key));
  }
  return toObject(root) as Config;
}

function toObject(section: ReadonlyMap<string, unknown>): object {
  const fields = [...section].map(([name, value]) => [name, value instanceof Map ? toObject(value) : value]);
  return Object.freeze(Object.fromEntries(fields));
}
