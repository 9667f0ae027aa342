import type { SettingKey } from './schema.ts';
import { formatSize } from './units.ts';

type Say = (key: SettingKey, message: string) => void;

/** Limits that contradict each other, and those by address where an address may be a proxy's. */
export function checkLimits(
  values: ReadonlyMap<SettingKey, unknown>,
  { refuse, warn }: { refuse: Say; warn: Say },
): void {
  const payload = Number(values.get('limits.payload') ?? 0);
  const unfinished = Number(values.get('limits.unfinished'));
  if (payload > unfinished) {
    const [most, found] = [formatSize(unfinished), formatSize(payload)];
    refuse('limits.payload', `expected at most limits.unfinished (${most}), found ${found}; lower this, or raise that`);
  }
  if ((values.get('proxy.trusted') as readonly string[]).length > 0) return;
  for (const key of ['limits.connectionsPerAddress', 'limits.flapping', 'auth.failedKeys.perMinute'] as const) {
    if (values.get(key) === 0) continue;
    warn(
      key,
      'without proxy.trusted all clients of a proxy in front share its address; list it there, or have no proxy',
    );
  }
}
