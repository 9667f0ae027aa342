import type { Connection, Identity } from './connection.ts';

export interface DeviceRule {
  /** Classes of channels; within one class a newer device takes an older one's place. */
  readonly exclusive: readonly (readonly string[])[];
  /** Channels that may hold several connections on one device: a browser's tabs. */
  readonly coexist: readonly string[];
}

/** Which older connections of a user a newer login ends: `silently` (the same device came back) or `told` (999). */
export interface Displaced {
  readonly silently: readonly Connection[];
  readonly told: readonly Connection[];
}

export function displacedBy(newer: Identity, connections: Iterable<Connection>, rule: DeviceRule): Displaced {
  const silently: Connection[] = [];
  const told: Connection[] = [];
  for (const connection of connections) {
    const older = connection.identity;
    if (older === undefined || older.loginSequence >= newer.loginSequence) continue;
    if (older.deviceId !== '' && older.deviceId === newer.deviceId) {
      const tabs = older.channel === newer.channel && rule.coexist.includes(newer.channel);
      if (!tabs) silently.push(connection);
    } else if (rule.exclusive.some((group) => group.includes(older.channel) && group.includes(newer.channel))) {
      told.push(connection);
    }
  }
  return { silently, told };
}
