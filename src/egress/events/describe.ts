import type { NodeEvent } from '../../api/event.ts';
import { probeSystem } from '../../api/system.ts';
import type { ConnectionEvent, ConnectionEventType } from './connection-event.ts';

export type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type OfOne = Extract<ConnectionEvent, { readonly system: string }>;

/** What is told of a connection, without its envelope. */
export type Told = Without<OfOne, 'id' | 'node' | 'incarnation' | 'time' | 'sequence'>;

/** Undefined for what is not told: what is of no connection, or of the node's own probe. */
export function describe(event: NodeEvent): Told | undefined {
  if (!('system' in event) || event.system === probeSystem) return undefined;
  switch (event.type) {
    case 'connected':
      return { type: 'online', ...connectionOf(event) };
    case 'bound':
      return { type: 'bind', ...connectionOf(event) };
    case 'disconnected':
      return { type: 'offline', ...connectionOf(event), code: event.code, reason: event.reason };
    case 'joined':
    case 'left': {
      const { group, userId, extend } = event;
      return { type: 'group', change: event.type, group, userId, extend, ...connectionOf(event) };
    }
    default:
      return undefined;
  }
}

type OfConnection = Extract<NodeEvent, { readonly remoteAddress: string; readonly cid: string }>;

function connectionOf(event: OfConnection) {
  const { system, uid, cid, clientId, deviceId, channel, dialect, remoteAddress } = event;
  return {
    system,
    ...(uid !== undefined && { uid }),
    cid,
    ...(clientId !== undefined && { clientId }),
    ...(deviceId !== undefined && { deviceId }),
    ...(channel !== undefined && { channel }),
    dialect,
    remoteAddress,
  };
}

/** Whether a sink has asked for it. */
export function createFilter(
  types: readonly ConnectionEventType[] | undefined,
  systems: readonly string[] | undefined,
) {
  const wantedTypes = types && new Set<string>(types);
  const wantedSystems = systems && new Set(systems);
  return ({ type, system }: Told): boolean => wantedTypes?.has(type) !== false && wantedSystems?.has(system) !== false;
}
