import type { SettingPlace } from '../util/start-error.ts';
import { checkCluster, isRpcReached } from './check-cluster.ts';
import { checkLimits } from './check-limits.ts';
import { checkListeners, isOnLoopbackOnly } from './check-listeners.ts';
import { checkQueues } from './check-queues.ts';
import { checkServers, hasQueues } from './check-servers.ts';
import { checkTokens } from './check-tokens.ts';
import type { Problem } from './config-error.ts';
import { type Origin, problemWith } from './given.ts';
import type { Path } from './kind.ts';
import { checkKeys } from './published-keys.ts';
import type { SettingKey } from './schema.ts';
import type { TokenSetting } from './token-source.ts';
import { formatDuration } from './units.ts';

export interface TogetherChecked {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** Settings whose value counts for none. */
  readonly unset: readonly SettingKey[];
}

export interface TogetherOptions {
  readonly sources: ReadonlyMap<SettingKey, Origin>;
  readonly isForServing: boolean;
  /** Nothing of it was refused: then its parts are where they were given. */
  readonly isWhole: (key: SettingKey) => boolean;
  /** What is wrong with a part of a value, said where it was given. */
  readonly problemOf: (place: SettingPlace, message: string) => Problem;
}

/** What no value can know alone: settings that contradict each other, and settings that are allowed and unwise. */
export function checkTogether(
  values: ReadonlyMap<SettingKey, unknown>,
  { sources, isForServing, isWhole, problemOf }: TogetherOptions,
): TogetherChecked {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const originOf = (key: SettingKey): Origin => sources.get(key) ?? { layer: 'default', label: 'default' };
  const problem = (key: SettingKey, message: string, path: Path): Problem =>
    path.length === 0 ? problemWith(key, originOf(key), message) : problemOf({ key, path }, message);
  const refuse = (key: SettingKey, message: string, path: Path = []): void => {
    problems.push(problem(key, message, path));
  };
  const warn = (key: SettingKey, message: string, path: Path = []): void => {
    warnings.push(problem(key, message, path).text);
  };

  const msOf = (key: SettingKey) => Number(values.get(key));
  const longer = (key: SettingKey, than: SettingKey): void => {
    const [ms, thanMs] = [msOf(key), msOf(than)];
    if (ms > thanMs) return;
    // Said to whoever wrote one of the two, not to the default.
    if (originOf(key).layer === 'default') {
      refuse(than, `expected less than ${key} (${formatDuration(ms)}), found ${formatDuration(thanMs)}`);
    } else refuse(key, `expected more than ${than} (${formatDuration(thanMs)}), found ${formatDuration(ms)}`);
  };
  longer('heartbeat.protobuf.timeout', 'heartbeat.protobuf.pingAfter');
  const [limitMs, drainMs] = [msOf('drain.hardLimit'), msOf('drain.grace') + msOf('drain.duration')];
  if (limitMs <= drainMs) {
    const written = (['drain.hardLimit', 'drain.duration', 'drain.grace'] as const).find(
      (key) => originOf(key).layer !== 'default',
    );
    const [limit, both] = [formatDuration(limitMs), formatDuration(drainMs)];
    refuse(
      written ?? 'drain.hardLimit',
      `expected drain.grace and drain.duration together (${both}) to be less than drain.hardLimit (${limit}); raise that, or lower these`,
    );
  }

  checkLimits(values, { refuse, warn });

  checkListeners(values, refuse);

  const isGiven = (key: SettingKey) => originOf(key).layer !== 'default';
  checkCluster(values, { isForServing, isGiven, refuse, warn });
  if (values.get('cluster.enabled') === true || hasQueues(values)) checkServers(values, refuse);
  checkQueues(values, { isWhole, refuse, warn });

  const logFile = values.get('log.file');
  if (logFile !== undefined && logFile === values.get('log.errorFile')) {
    refuse('log.errorFile', 'this is log.file, which has the errors already; name another file, or leave it out');
  }

  const isAlone = !isForServing || (isOnLoopbackOnly(values) && !isRpcReached(values));
  const isClustered = isForServing && values.get('cluster.enabled') === true;
  const unset = checkKeys(values, { isAlone, isClustered, refuse, warn });
  for (const network of values.get('auth.trustedNetworks') as readonly string[]) {
    if (network.endsWith('/0'))
      warn('auth.trustedNetworks', `${network} trusts every address: whoever reaches the port may push`);
  }
  for (const network of values.get('proxy.trusted') as readonly string[]) {
    if (network.endsWith('/0'))
      warn('proxy.trusted', `${network} is every address: each client may say which one is its own`);
  }
  const tokens = checkTokens(values.get('auth.tokens') as readonly TokenSetting[], values.get('auth.connect'));
  if (tokens.problem !== undefined) refuse('auth.connect', tokens.problem);
  for (const { message, path } of tokens.warnings) warn('auth.tokens', message, path);
  return { problems, warnings, unset };
}
