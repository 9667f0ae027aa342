import { checkLimits } from './check-limits.ts';
import { checkTokens } from './check-tokens.ts';
import type { Problem } from './config-error.ts';
import { type Origin, problemWith } from './given.ts';
import type { SettingKey } from './schema.ts';
import type { TokenSetting } from './token-source.ts';
import { formatDuration } from './units.ts';
import type { Listener, Place } from './value-checks.ts';

/** Keys printed in the documentation of go-websocket and its kin: everybody knows them. */
export const publishedKeys: ReadonlySet<string> = new Set(['Adba723b7fe06819', 'xxxxxxxxxxxxxxxx']);

export interface TogetherChecked {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** What no value can know alone: settings that contradict each other, and settings that are allowed and unwise. */
export function checkTogether(
  values: ReadonlyMap<SettingKey, unknown>,
  sources: ReadonlyMap<SettingKey, Origin>,
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

  if (values.get('cluster') === true) {
    refuse(
      'cluster',
      'cluster mode is not in this version; set it to false, or leave it out, to run on this machine alone',
    );
  }
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

  for (const [key, other] of [
    ['tls.cert', 'tls.key'],
    ['tls.key', 'tls.cert'],
  ] as const) {
    if (values.get(key) !== undefined && values.get(other) === undefined) {
      refuse(key, `there is no ${other}; give both for TLS, or neither`);
    }
  }
  if (values.get('internal.tls') === true && values.get('tls.cert') === undefined) {
    refuse('internal.tls', 'there is no certificate; give tls.cert and tls.key as well');
  }

  const taken = new Set([placeOf(values.get('port') as number, values.get('host') as string | undefined)]);
  for (const { port, host } of values.get('listeners') as readonly Listener[]) {
    const place = placeOf(port, host);
    if (port !== 0 && taken.has(place))
      refuse('listeners', `port ${port} is used already; give each listener one of its own`);
    taken.add(place);
  }
  const internal = values.get('internal.listen') as Place | undefined;
  const isTaken = ({ port, host }: Place) => [placeOf(port), placeOf(port, host)].some((place) => taken.has(place));
  if (internal !== undefined && internal.port !== 0 && isTaken(internal)) {
    refuse('internal.listen', `port ${internal.port} is used already; give the internal listener one of its own`);
  }

  const logFile = values.get('log.file');
  if (logFile !== undefined && logFile === values.get('log.errorFile')) {
    refuse('log.errorFile', 'this is log.file, which has the errors already; name another file, or leave it out');
  }

  const cryptoKey = values.get('crypto.key');
  if (typeof cryptoKey === 'string' && publishedKeys.has(cryptoKey)) {
    warn('crypto.key', 'this key is published, so everybody knows it; `openssl rand -hex 16` makes a good one');
  }
  const operatorKey = values.get('operator.key');
  if (typeof operatorKey === 'string' && publishedKeys.has(operatorKey)) {
    refuse('operator.key', 'this key is published, so everybody knows it; `openssl rand -hex 16` makes a good one');
  }
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
  return { problems, warnings };
}

function placeOf(port: number, host = ''): string {
  return `${host}:${port}`;
}
