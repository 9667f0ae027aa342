import type { DropReason } from '../api/receipt.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { PreparedMessage } from '../wire/prepared-message.ts';
import type { Connection } from './connection.ts';
import type { EndOfTurn } from './end-of-turn.ts';
import { type FanoutResult, nothing } from './tally.ts';

/**
 * Hands one message to some connections, chosen one by one: encoded and framed once per dialect, the same buffer for all. It leaves with
 * everything else that is written to them in this turn. The result is there when it has; without `counters` it is not counted.
 */
export async function fanout(
  connections: Iterable<Connection>,
  prepared: PreparedMessage,
  turn: EndOfTurn,
  counters?: Counters,
): Promise<FanoutResult> {
  const result = handOut(connections, prepared, counters);
  if (result === undefined) return nothing;
  const { taken, matched, dropped } = result;
  if (taken.length > 0) await turn.flushed();
  return { matched, delivered: taken.length, queued: countQueued(taken), dropped };
}

/** What was handed out, before anything of it was written. */
export interface HandedOut {
  readonly matched: number;
  readonly taken: readonly Connection[];
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

const noneDropped = {};

/** The first half of `fanout`; undefined where there are no connections. */
export function handOut(
  connections: Iterable<Connection>,
  prepared: PreparedMessage,
  counters?: Counters,
): HandedOut | undefined {
  const taken: Connection[] = [];
  let dropped: Partial<Record<DropReason, number>> | undefined;
  let matched = 0;
  for (const connection of connections) {
    matched += 1;
    const reason = deliver(connection, prepared);
    if (reason === undefined) {
      taken.push(connection);
      if (counters !== undefined) counters.deliveries[connection.dialect] += 1;
    } else {
      dropped ??= {};
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      counters?.drop(reason);
    }
  }
  return matched === 0 ? undefined : { matched, taken, dropped: dropped ?? noneDropped };
}

/** Of those, the ones whose kernel takes no more at the moment. */
export function countQueued(taken: readonly Connection[]): number {
  let queued = 0;
  for (const connection of taken) if (connection.isBackedUp) queued += 1;
  return queued;
}

/** Undefined when the connection took it. */
export function deliver(connection: Connection, prepared: PreparedMessage): DropReason | undefined {
  if (!connection.isOpen) return 'closing';
  const frame = prepared.frameFor(connection.dialect);
  return frame === undefined ? 'not_in_dialect' : connection.write(frame, prepared.slow);
}
