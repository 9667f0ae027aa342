import { type SettingKey, settings } from './schema.ts';
import type { Setting } from './settings/setting.ts';

/** The settings by key, for keys that came from outside. */
export const settingOf: ReadonlyMap<string, Setting> = new Map<string, Setting>(
  Object.entries(settings as unknown as Record<string, Setting>),
);

/** The keys in the order of the documentation. */
export const settingKeys = Object.keys(settings) as readonly SettingKey[];

/** Sections, deepest last: `heartbeat`, `heartbeat.json`. */
export const sectionNames: ReadonlySet<string> = new Set(
  settingKeys.flatMap((key) => {
    const parts = key.split('.').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  }),
);

/** The settings that the plain name of a section stands for. */
const keyOfShorthand: ReadonlyMap<string, SettingKey> = new Map(
  settingKeys.flatMap((key) => {
    const shorthand = settingOf.get(key)?.shorthand;
    return shorthand === undefined ? [] : [[shorthand, key] as const];
  }),
);

/** `cluster` → `cluster.enabled`; any other name as it is. */
export function keyOfName(name: string): string {
  return keyOfShorthand.get(name) ?? name;
}

/** Every name that text can be given to. */
export const settingNames: readonly string[] = [...settingKeys, ...keyOfShorthand.keys()];

/** `auth.trustLoopback` → `YUNQUE_AUTH_TRUST_LOOPBACK`. */
export function environmentName(key: string): string {
  return `YUNQUE_${key.replaceAll(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`;
}

/** Where a setting is in `Config`: `limits.payload` → `['limits', 'payloadBytes']`. */
export function fieldPath(key: SettingKey): readonly string[] {
  const parts: string[] = key.split('.');
  const last = parts.pop() ?? '';
  const unit = settingOf.get(key)?.kind.unit;
  if (unit === 'ms') return [...parts, `${last}Ms`];
  return [...parts, unit === 'bytes' && !last.endsWith('Bytes') ? `${last}Bytes` : last];
}
