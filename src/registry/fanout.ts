import type { DropReason } from '../api/receipt.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { PreparedMessage } from '../wire/prepared-message.ts';
import type { Connection } from './connection.ts';

/** What one message met on this node. */
export interface FanoutResult {
  readonly matched: number;
  readonly delivered: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** Hands one message to many connections: encoded and framed once per dialect, the same buffer for all. Without `counters` it is not counted. */
export function fanout(
  connections: Iterable<Connection>,
  prepared: PreparedMessage,
  counters?: Counters,
): FanoutResult {
  let matched = 0;
  let delivered = 0;
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const connection of connections) {
    matched += 1;
    const reason = deliver(connection, prepared);
    if (reason === undefined) {
      delivered += 1;
      if (counters !== undefined) counters.deliveries[connection.dialect] += 1;
    } else {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      counters?.drop(reason);
    }
  }
  return { matched, delivered, dropped };
}

/** Undefined when the connection took it. */
function deliver(connection: Connection, prepared: PreparedMessage): DropReason | undefined {
  if (!connection.isOpen) return 'closing';
  const frame = prepared.frameFor(connection.dialect);
  if (frame === undefined) return 'not_in_dialect';
  return connection.write(frame) === 'dropped' ? 'slow_consumer' : undefined;
}
