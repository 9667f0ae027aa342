import { stringify } from 'yaml';
import { settingKeys, settingOf } from './keys.ts';
import { loadConfig } from './load-config.ts';
import { holdsSecret, maskSecrets } from './masking.ts';
import { type ReadFile, readFileFromDisk } from './read-file.ts';

export interface ConvertOptions {
  readonly file: string;
  readonly cwd: string;
  /** Puts a mask in the place of each secret. */
  readonly mask: boolean;
  readonly readFile?: ReadFile;
}

export interface ConvertedConfig {
  /** A YAML file that says what the given one says, and nothing more. */
  readonly text: string;
  /** Whether it holds a secret, or a mask in its place. */
  readonly hasSecret: boolean;
}

/** INI to YAML, or YAML to YAML in one spelling and order. Throws `ConfigError` where the file is not right. */
export function convertConfig({ file, cwd, mask, readFile = readFileFromDisk }: ConvertOptions): ConvertedConfig {
  const { values, sources } = loadConfig({ flags: { config: file }, env: {}, cwd, readFile, isForServing: false });
  const root = new Map<string, unknown>();
  let hasSecret = false;
  for (const key of settingKeys) {
    const setting = settingOf.get(key);
    if (setting === undefined || sources.get(key)?.layer !== 'file') continue;
    const written = setting.kind.write(values.get(key), setting.default);
    hasSecret ||= holdsSecret(setting, written);
    put(root, key.split('.'), mask ? maskSecrets(setting, written) : written);
  }
  return { text: root.size === 0 ? '' : stringify(root, { lineWidth: 0 }), hasSecret };
}

function put(section: Map<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    section.set(name, value);
    return;
  }
  const inside = (section.get(name) ?? new Map<string, unknown>()) as Map<string, unknown>;
  section.set(name, inside);
  put(inside, rest, value);
}
