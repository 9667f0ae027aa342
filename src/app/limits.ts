import type { Dialect } from '../api/dialect.ts';
import type { Config } from '../config/schema.ts';
import type { AdmissionOptions } from '../ingress/ws/admission.ts';

const usualPayloadBytes = 64 * 1024;
/** go-websocket's `maxMessageSize`. */
const goWebsocketPayloadBytes = 8 * 1024;

/** Of one client's message. */
export function maxPayloadBytes({ compat, limits }: Pick<Config, 'compat' | 'limits'>, dialect: Dialect): number {
  if (limits.payloadBytes !== undefined) return limits.payloadBytes;
  return compat === 'go-websocket' && dialect === 'json' ? goWebsocketPayloadBytes : usualPayloadBytes;
}

export function admissionLimits(limits: Config['limits']): Omit<AdmissionOptions, 'shedding'> {
  const { connections, connectionsPerAddress, acceptRate, acceptBurst = Math.max(1, acceptRate) } = limits;
  const flapping = { perMinute: limits.flapping, banMs: limits.flappingBanMs };
  return { connections, connectionsPerAddress, acceptRate, acceptBurst, flapping };
}
