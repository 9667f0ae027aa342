import type { Layer } from './given.ts';
import { settingKeys, settingOf } from './keys.ts';
import type { LoadedConfig } from './load-config.ts';
import { maskSecrets } from './masking.ts';
import { spell } from './spelling.ts';

/** One setting in force. */
export interface SettingRow {
  readonly key: string;
  /** In the spelling of a file; `null`: unset; a secret is masked. */
  readonly value: unknown;
  /** `configs/config.yaml:12`, `YUNQUE_PORT`, `--set port`, `default`. */
  readonly source: string;
  readonly layer: Layer;
}

/** What is in force and why, in the order of the documentation. Shows no secret. */
export function describeConfig({ values, sources }: Pick<LoadedConfig, 'values' | 'sources'>): readonly SettingRow[] {
  return settingKeys.map((key) => {
    const value = values.get(key);
    const setting = settingOf.get(key);
    const { layer, label } = sources.get(key) ?? { layer: 'default', label: 'default' };
    if (setting === undefined || value === undefined) return { key, value: null, source: label, layer };
    return { key, value: maskSecrets(setting, setting.kind.write(value)), source: label, layer };
  });
}

/** The rows as lines of YAML with dotted keys; an unset setting as a comment that says what happens without it. */
export function spellRows(rows: readonly SettingRow[], options: { readonly sources: boolean }): readonly string[] {
  const lines = rows.map(({ key, value }) =>
    value === null ? `# ${key}: ${settingOf.get(key)?.unset?.en ?? 'unset'}` : `${key}: ${spell(value)}`,
  );
  if (!options.sources) return lines;
  const width = Math.min(60, Math.max(...lines.map((line) => line.length)));
  return lines.map((line, index) => `${line.padEnd(width)}  # ${rows[index]?.source}`);
}
