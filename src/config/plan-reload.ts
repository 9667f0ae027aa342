import { isDeepStrictEqual } from 'node:util';
import type { SettingChange } from '../api/admin.ts';
import { assembleConfig } from './assemble-config.ts';
import { fieldPath, settingKeys, settingOf } from './keys.ts';
import { maskSecrets } from './masking.ts';
import type { Config, SettingKey } from './schema.ts';
import type { Setting } from './settings/setting.ts';

export interface ReloadPlan {
  /** In the order of the documentation. */
  readonly changes: readonly (SettingChange & { readonly key: SettingKey })[];
  /** What is in force, with those settings of the wanted configuration that need no restart. */
  readonly effective: Config;
}

/** What becomes of a node that runs with one configuration and is given another. */
export function planReload(inForce: Config, wanted: Config): ReloadPlan {
  const changes: (SettingChange & { key: SettingKey })[] = [];
  const values = new Map<SettingKey, unknown>();
  for (const key of settingKeys) {
    const setting = settingOf.get(key);
    const [before, after] = [settingIn(inForce, key), settingIn(wanted, key)];
    const isChanged = !isDeepStrictEqual(before, after);
    const isApplied = canApply(setting, before, after);
    // What is equal stays the same object, by which those who made something of it see that they need not do so again.
    values.set(key, isChanged && isApplied ? after : before);
    if (!isChanged || setting === undefined) continue;
    const [old, now] = [shown(setting, before), shown(setting, after)];
    changes.push({ key, old, new: now, effect: isApplied ? 'applied' : 'needs_restart' });
  }
  return { changes, effective: assembleConfig(values) };
}

function canApply(setting: Setting | undefined, before: unknown, after: unknown): boolean {
  if (setting?.reload === 'where set') return before !== undefined && after !== undefined;
  return setting?.reload === true;
}

function settingIn(config: Config, key: SettingKey): unknown {
  return fieldPath(key).reduce<unknown>((section, field) => (section as Record<string, unknown>)[field], config);
}

/** As `config show` shows it. */
function shown(setting: Setting, value: unknown): unknown {
  return value === undefined ? null : maskSecrets(setting, setting.kind.write(value));
}
