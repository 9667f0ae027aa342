import { resolve } from 'node:path';
import type { SettingPlace } from '../util/start-error.ts';
import { assembleConfig } from './assemble-config.ts';
import { checkTogether } from './check-together.ts';
import { ConfigError, type Problem } from './config-error.ts';
import { type Environment, readableByOthers, readEnvironment } from './environment.ts';
import { type FilesWanted, type FoundFile, findFiles, isIni } from './find-files.ts';
import { type ConfigFlags, readFlags } from './flags.ts';
import { type Given, type LayerContent, type Origin, problemWith } from './given.ts';
import { readIniFile } from './ini-file.ts';
import { settingKeys, settingOf } from './keys.ts';
import type { Path } from './kind.ts';
import { holdsSecret } from './masking.ts';
import { isPublished } from './published-keys.ts';
import { type ReadFile, readFileFromDisk } from './read-file.ts';
import type { Config, SettingKey } from './schema.ts';
import { readYamlFile } from './yaml-file.ts';

export interface LoadOptions {
  readonly flags?: ConfigFlags;
  readonly env: Environment;
  /** Where relative names of files start. */
  readonly cwd: string;
  readonly readFile?: ReadFile;
  /** Default true. Else what is wrong only because others can reach the node is no problem. */
  readonly isForServing?: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The same values by key, as checked (durations in ms, sizes in bytes); unset settings are absent. */
  readonly values: ReadonlyMap<SettingKey, unknown>;
  /** Where each value came from. */
  readonly sources: ReadonlyMap<SettingKey, Origin>;
  /** One line each. */
  readonly warnings: readonly string[];
  /** The file used, as named or searched; undefined: none was found, which is no fault. */
  readonly file?: string;
  readonly overlay?: string;
  /** What is wrong with a value, said where it was given: in which line of which file, by which flag or variable. */
  problemOf(place: SettingPlace, message: string): Problem;
}

/** A configuration that may have problems; a value that was refused is that of the layer below. */
export interface ReadConfig extends LoadedConfig {
  readonly problems: readonly Problem[];
  /** Whether no part of a value was refused, which shifts those behind it: then each is where it was given. */
  isWhole(key: string): boolean;
  /** By file and line; then environment and flags, as they were found. */
  inOrder(problems: readonly Problem[]): readonly Problem[];
}

/** As `readConfig`. Throws `ConfigError` with everything that is wrong in any layer. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const read = readConfig(options);
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return read;
}

/**
 * Reads the configuration: flag over environment over overlay over file over default. Reads files and nothing else of
 * the world.
 */
export function readConfig(options: LoadOptions): ReadConfig {
  const { flags = {}, env, cwd, readFile = readFileFromDisk, isForServing = true } = options;
  const read: ReadFile = (path) => readFile(resolve(cwd, path));
  const found = findFiles(wantedFiles(flags, env), read);
  const files = [found.file, found.overlay].filter((file) => file !== undefined);
  const contents = [...files.map(readSettings), readEnvironment(env, read), readFlags(flags)];

  const problems: Problem[] = [...found.problems, ...contents.flatMap((content) => content.problems)];
  const { values, sources, winners } = layValues(
    contents.flatMap((content) => content.given),
    problems,
  );
  const problemIn = ({ key, path = [] }: SettingPlace, message: string): Problem => {
    const origin = { layer: 'default', label: 'default' } as const;
    return problemOf(winners.get(key) ?? { key, raw: undefined, origin }, message, path);
  };
  const broken = new Set(problems.map(({ key }) => key));
  const isWhole = (key: string) => !broken.has(key);
  const together = checkTogether(values, { sources, isForServing, isWhole, problemOf: problemIn });
  problems.push(...together.problems);
  for (const key of together.unset) {
    values.delete(key);
    sources.set(key, { layer: 'default', label: 'default' });
  }
  return {
    config: assembleConfig(values),
    values,
    sources,
    warnings: [...contents.flatMap((content) => content.warnings), ...together.warnings],
    ...(found.file && { file: found.file.name }),
    ...(found.overlay && { overlay: found.overlay.name }),
    problems: inOrder(problems, files),
    isWhole,
    inOrder: (all) => inOrder(all, files),
    problemOf: problemIn,
  };
}

function wantedFiles(flags: ConfigFlags, env: Environment): FilesWanted {
  const path = flags.config ?? env['YUNQUE_CONFIG'];
  const overlay = flags.env ?? env['YUNQUE_ENV'];
  return {
    named: path
      ? { path, by: flags.config === undefined ? 'YUNQUE_CONFIG' : (flags.configBy ?? '--config') }
      : undefined,
    env: overlay ? { value: overlay, by: flags.env === undefined ? 'YUNQUE_ENV' : '--env' } : undefined,
  };
}

function readSettings({ name, text, layer, readableByOthers: isReadable }: FoundFile): LayerContent {
  const content = isIni(name) ? readIniFile(text, { name, layer }) : readYamlFile(text, { name, layer });
  const hasSecret = content.given.some(({ key, raw }) => {
    const setting = settingOf.get(key);
    return setting !== undefined && holdsSecret(setting, raw) && !isPublished(raw);
  });
  return hasSecret && isReadable ? { ...content, warnings: [...content.warnings, readableByOthers(name)] } : content;
}

/** Puts the layers upon the defaults, weakest first, checking each value even where a stronger one hides it. */
function layValues(given: readonly Given[], problems: Problem[]) {
  const values = new Map<SettingKey, unknown>();
  const sources = new Map<SettingKey, Origin>();
  const winners = new Map<string, Given>();
  for (const key of settingKeys) {
    const setting = settingOf.get(key);
    sources.set(key, { layer: 'default', label: 'default' });
    if (setting?.default !== undefined) values.set(key, setting.kind.read(setting.default, refuseDefault(key)));
  }
  for (const each of given) {
    const key = each.key as SettingKey;
    const value = settingOf.get(key)?.kind.read(
      each.raw,
      (message, path = []) => {
        problems.push(problemOf(each, message, path));
        return undefined;
      },
      values.get(key),
    );
    if (value === undefined) continue;
    values.set(key, value);
    sources.set(key, each.origin);
    winners.set(key, each);
  }
  return { values, sources, winners };
}

function problemOf({ key, origin, positionOf }: Given, message: string, path: Path): Problem {
  const part = path.map(stepText).join('');
  return problemWith(key, { ...origin, ...positionOf?.(path) }, message, part);
}

/** By file and line; then environment and flags, as they were found. */
function inOrder(problems: readonly Problem[], files: readonly FoundFile[]): readonly Problem[] {
  const rank = ({ file }: Problem): number => {
    const index = files.findIndex(({ name }) => name === file);
    return index === -1 ? files.length : index;
  };
  return problems.toSorted(
    (a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

function refuseDefault(key: string) {
  return (message: string): undefined => {
    throw new Error(`the default of ${key} is refused: ${message}`);
  };
}

/** A name that would not be seen, or be read as more than one, stands in quotation marks. */
function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return step === '' || /[\s.[\]"\p{C}]/u.test(step) ? `[${JSON.stringify(step)}]` : `.${step}`;
}
