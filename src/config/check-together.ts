import { checkCluster, isRpcReached } from './check-cluster.ts';
import { checkLimits } from './check-limits.ts';
import { checkListeners, isOnLoopbackOnly } from './check-listeners.ts';
import { checkTokens } from './check-tokens.ts';
import type { Problem } from './config-error.ts';
import { type Origin, problemWith } from './given.ts';
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

/** What no value can know alone: settings that contradict each other, and settings that are allowed and unwise. */
export function checkTogether(
  values: ReadonlyMap<SettingKey, unknown>,
  sources: ReadonlyMap<SettingKey, Origin>,
  isForServing: boolean,
): TogetherChecked {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const originOf = (key: SettingKey): Origin => sources.get(key) ?? { layer: 'default', label: 'default' };
  const refuse = (key: SettingKey, message: string): void => {
    problems.push(problemWith(key, originOf(key), message));
  };
  const warn = (key: SettingKey, message: string): void => {
    warnings.push(problemWith(key, originOf(key), message).text);
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
  for (const warning of tokens.warnings) warn('auth.tokens', warning);
  return { problems, warnings, unset };
}
