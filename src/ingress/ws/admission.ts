import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../api/errors.ts';
import { addressGroup } from '../../util/address-group.ts';
import { type MinuteBanLimits, MinuteBans } from '../../util/minute-bans.ts';
import { createRate, take } from '../../util/rate.ts';

export interface AdmissionOptions {
  /** In each of these 0 is no limit. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** A second, in the long run, and at once. */
  readonly acceptRate: number;
  readonly acceptBurst: number;
  readonly flapping: MinuteBanLimits;
  /** Why there is no room for anybody now; undefined: there is. */
  readonly shedding: () => string | undefined;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

/** `limit` is the setting that refused, for events and logs. */
export interface Full {
  readonly error: Extract<ErrorCode, 'unavailable' | 'limit_reached' | 'too_many_requests'>;
  readonly status: 429 | 503;
  readonly message: string;
  readonly limit: string;
  readonly retryAfterSeconds: number;
}

export interface Admission {
  /** Asked before anything else is done for an upgrade; whoever is let in counts until its socket has closed. */
  admit(request: IncomingMessage, socket: Duplex, address: string): Full | undefined;
  /** WebSocket connections, and those that are becoming some. */
  readonly connections: number;
}

/** On the socket of one who was let in: what it counts as. */
const countedAs = Symbol('countedAs');

/**
 * Whether there is room for one more connection. Those that come through the operator's socket are the operator's own: they are
 * neither counted nor refused.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { now = () => performance.now() } = options;
  const rate =
    options.acceptRate > 0 ? createRate({ perSecond: options.acceptRate, burst: options.acceptBurst }) : undefined;
  const flapping = options.flapping.perMinute > 0 ? new MinuteBans(options.flapping) : undefined;
  const byAddress = options.connectionsPerAddress > 0 ? new Map<string, number>() : undefined;
  let connections = 0;
  let fullAt = 0;

  function judge(address: string): Full | undefined {
    const shed = options.shedding();
    if (shed !== undefined) return full('unavailable', 503, `the node takes no more connections: ${shed}`, 'shedding');
    const nowMs = now();
    const bannedMs = flapping?.count(address, nowMs) ?? 0;
    if (bannedMs > 0) {
      const message = 'this address connects too often (limits.flapping)';
      return full('too_many_requests', 429, message, 'limits.flapping', Math.ceil(bannedMs / 1000));
    }
    if (options.connections > 0 && connections >= options.connections) {
      const message = `the node has ${connections} connections already (limits.connections)`;
      return full('limit_reached', 503, message, 'limits.connections', 10);
    }
    if (byAddress !== undefined && (byAddress.get(address) ?? 0) >= options.connectionsPerAddress) {
      const message = `this address has ${byAddress.get(address)} connections already (limits.connectionsPerAddress)`;
      return full('limit_reached', 503, message, 'limits.connectionsPerAddress', 10);
    }
    if (rate === undefined) return undefined;
    // Last: whoever is refused for another reason takes nobody's turn.
    const next = take(rate, fullAt, nowMs);
    if (next === undefined) {
      const message = 'too many are connecting at once (limits.acceptRate)';
      return full('too_many_requests', 503, message, 'limits.acceptRate');
    }
    fullAt = next;
    return undefined;
  }

  function count(address: string, by: 1 | -1): void {
    connections += by;
    if (byAddress === undefined) return;
    const left = (byAddress.get(address) ?? 0) + by;
    if (left === 0) byAddress.delete(address);
    else byAddress.set(address, left);
  }

  function onClose(this: { [countedAs]?: string }): void {
    const group = this[countedAs];
    if (group !== undefined) count(group, -1);
  }

  return {
    admit(request, socket, address) {
      // A Unix socket or named pipe has no address; a TCP socket without one has been closed meanwhile.
      if (request.socket.remoteAddress === undefined) return undefined;
      const group = addressGroup(address);
      const refusal = judge(group);
      if (refusal !== undefined) return refusal;
      count(group, 1);
      (socket as { [countedAs]?: string })[countedAs] = group;
      socket.on('close', onClose);
      return undefined;
    },
    get connections() {
      return connections;
    },
  };
}

function full(
  error: Full['error'],
  status: Full['status'],
  message: string,
  limit: string,
  retryAfterSeconds = 2,
): Full {
  return { error, status, message, limit, retryAfterSeconds };
}
