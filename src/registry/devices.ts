import type { Connection, Identity } from './connection.ts';

export interface DeviceRule {
  /** Classes of channels; within one class a newer device takes an older one's place. */
  readonly exclusive: readonly (readonly string[])[];
  /** Channels that may hold several connections on one device: a browser's tabs. */
  readonly coexist: readonly string[];
}

/** What a login is judged by. */
export type Device = Pick<Identity, 'uid' | 'deviceId' | 'deviceName' | 'channel' | 'loginSequence'>;

/** How a newer login ends an older one: `silently` (the same device came back) or `told` (999). */
export type Displacement = 'silently' | 'told';

/** Connections of a user that a login displaces. */
export interface Displaced {
  readonly silently: readonly Connection[];
  readonly told: readonly Connection[];
}

/** Which older connections of a user a newer login ends. */
export function displacedBy(newer: Device, connections: Iterable<Connection>, rule: DeviceRule): Displaced {
  const displaced = { silently: [] as Connection[], told: [] as Connection[] };
  for (const connection of connections) {
    const how = connection.identity && displacement(newer, connection.identity, rule);
    if (how !== undefined) displaced[how].push(connection);
  }
  return displaced;
}

/**
 * The identity whose newer login has already taken the place of `late`, and how: a directory may answer two logins of one
 * user in another order than it numbered them, and the higher number wins whichever comes first.
 */
export function displacerOf(
  late: Device,
  connections: Iterable<{ readonly identity: Device | undefined }>,
  rule: DeviceRule,
): { readonly newer: Device; readonly how: Displacement } | undefined {
  for (const { identity: newer } of connections) {
    const how = newer && displacement(newer, late, rule);
    if (newer !== undefined && how !== undefined) return { newer, how };
  }
  return undefined;
}

function displacement(newer: Device, older: Device, rule: DeviceRule): Displacement | undefined {
  if (older.loginSequence >= newer.loginSequence) return undefined;
  if (older.deviceId !== '' && older.deviceId === newer.deviceId) {
    const tabs = older.channel === newer.channel && rule.coexist.includes(newer.channel);
    return tabs ? undefined : 'silently';
  }
  const excluded = rule.exclusive.some((group) => group.includes(older.channel) && group.includes(newer.channel));
  return excluded ? 'told' : undefined;
}
