import type { ReloadAnswer, SettingChange } from '../api/admin.ts';
import { YunqueError } from '../api/errors.ts';
import { ConfigError } from '../config/config-error.ts';
import type { LiveConfig, Loaded } from '../config/live-config.ts';
import { planReload } from '../config/plan-reload.ts';
import type { Config, SettingKey } from '../config/schema.ts';
import { StartError } from '../util/start-error.ts';
import { requireUsable } from './usable-config.ts';

/** What a part has made ready and holds back. */
export interface Prepared {
  /** Writes what lasts, once every part is ready: all of it or, where it rejects, nothing. At most one part has it, or one's could be written without another's. */
  store?(): Promise<void>;
  /** Cannot fail: other parts have changed by then. */
  commit(): void;
  /** In the place of `commit`, where another part was not ready or `store` has failed. */
  discard?(): Promise<void>;
  /** About what works and is unwise. */
  readonly warnings?: readonly string[];
  /** What is another one now though no setting has changed. */
  readonly changes?: readonly SettingChange[];
}

/** A part that has to be told of new settings. Whatever reads its settings when it uses them is none. */
export interface ReloadPart {
  /** It is left alone where none of these has changed. Absent: it is told each time, for what lies in files of its own. */
  readonly keys?: readonly SettingKey[];
  /** Does all that can fail, and changes nothing yet. Throws `StartError` for what the operator can mend. */
  prepare(next: Config): Prepared | Promise<Prepared>;
}

export type Reload = () => Promise<ReloadAnswer>;

/**
 * Reads the configuration again and puts in force what needs no restart: all of it or, where anything is wrong, nothing. Rejects
 * with `bad_config` and everything that is wrong, or with what kept it from being written. A second call waits for the first.
 */
export function createReload(live: LiveConfig, parts: readonly ReloadPart[]): Reload {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const reload = last.then(() => reloadOnce(live, parts));
    last = reload.catch(() => {});
    return reload;
  };
}

async function reloadOnce(live: LiveConfig, parts: readonly ReloadPart[]): Promise<ReloadAnswer> {
  const { config, warnings } = await load(live);
  const { changes, effective } = planReload(live.inForce, config);
  const prepared = await prepareAll(concernedOf(parts, changes), effective);
  await storeAll(prepared);
  live.replace(effective);
  for (const part of prepared) part.commit();
  return {
    changes: [...changes, ...prepared.flatMap((part) => part.changes ?? [])],
    warnings: [...warnings, ...prepared.flatMap((part) => part.warnings ?? [])],
  };
}

/** What a reload that somebody else has planned comes to here, made ready and held back. */
export async function prepareReload(live: LiveConfig, parts: readonly ReloadPart[], next: Config): Promise<Prepared> {
  const { changes, effective } = planReload(live.inForce, next);
  const prepared = await prepareAll(concernedOf(parts, changes), effective);
  return {
    commit() {
      live.replace(effective);
      for (const part of prepared) part.commit();
    },
    discard: () => discardAll(prepared),
    warnings: prepared.flatMap((part) => part.warnings ?? []),
    changes: prepared.flatMap((part) => part.changes ?? []),
  };
}

function concernedOf(
  parts: readonly ReloadPart[],
  changes: ReturnType<typeof planReload>['changes'],
): readonly ReloadPart[] {
  const changed = new Set(changes.filter(({ effect }) => effect === 'applied').map(({ key }) => key));
  return parts.filter(({ keys }) => keys === undefined || keys.some((key) => changed.has(key)));
}

async function load(live: LiveConfig): Promise<Loaded> {
  const loaded = live.load();
  try {
    // Of what it warns the parts do too, which read the files that are used.
    await requireUsable(loaded, { withHosts: false });
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw badConfig(error.problems.map(({ text }) => text));
  }
}

async function prepareAll(parts: readonly ReloadPart[], next: Config): Promise<readonly Prepared[]> {
  const results = await Promise.allSettled(parts.map(async (part) => await part.prepare(next)));
  const failures = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
  const ready = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  if (failures.length === 0) return ready;
  await discardAll(ready);
  const fault = failures.find((failure) => !(failure instanceof StartError));
  if (fault !== undefined) throw fault;
  throw badConfig(failures.flatMap((failure) => (failure as StartError).parts.map(({ sentence }) => sentence)));
}

async function storeAll(parts: readonly Prepared[]): Promise<void> {
  try {
    for (const part of parts) await part.store?.();
  } catch (error) {
    await discardAll(parts);
    throw error;
  }
}

async function discardAll(parts: readonly Prepared[]): Promise<void> {
  for (const part of parts) await part.discard?.();
}

function badConfig(problems: readonly string[]): YunqueError {
  return new YunqueError('bad_config', undefined, { problems });
}
