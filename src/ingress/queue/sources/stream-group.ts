import type { RedisClient } from '../../../backends/redis-script.ts';

export interface GroupPlace {
  readonly stream: string;
  readonly group: string;
}

/** Makes the group, and the stream, where they are missing: what is in the stream already is read. Whether it was missing. */
export async function declareGroup(client: RedisClient, { stream, group }: GroupPlace): Promise<boolean> {
  try {
    await client.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
    return true;
  } catch (error) {
    if (!/BUSYGROUP/.test((error as Error).message)) throw error;
    return false;
  }
}

export interface GroupFigures {
  /** Entries given to nobody yet, or not acknowledged; undefined: Redis cannot say how many. */
  readonly lag: number | undefined;
  /** The last entry that was given to somebody. */
  readonly lastDelivered: string;
  /** The last entry that was deleted or trimmed; undefined before Redis 7. */
  readonly lastDeleted: string | undefined;
}

/** Undefined: there is no such group. Rejects where there is no such stream. */
export async function askGroup(client: RedisClient, place: GroupPlace): Promise<GroupFigures | undefined> {
  const [groups, streamAnswer] = await Promise.all([
    client.xinfo('GROUPS', place.stream) as Promise<unknown[][]>,
    client.xinfo('STREAM', place.stream) as Promise<unknown[]>,
  ]);
  const group = groups.map(mapOf).find((each) => each['name'] === place.group);
  if (group === undefined) return undefined;
  const stream = mapOf(streamAnswer);
  const lastDelivered = String(group['last-delivered-id']);
  const undelivered = undeliveredOf(group, stream);
  const lastDeleted = stream['max-deleted-entry-id'];
  return {
    lag: undelivered === undefined ? undefined : undelivered + Number(group['pending']),
    lastDelivered,
    lastDeleted: typeof lastDeleted === 'string' ? lastDeleted : undefined,
  };
}

/** Before Redis 7, and where entries were deleted amid others, only none and all of them are known. */
function undeliveredOf(
  group: Readonly<Record<string, unknown>>,
  stream: Readonly<Record<string, unknown>>,
): number | undefined {
  const { lag } = group as { lag?: unknown };
  if (typeof lag === 'number') return lag;
  const last = group['last-delivered-id'];
  if (last === stream['last-generated-id']) return 0;
  return last === '0-0' ? Number(stream['length']) : undefined;
}

function mapOf(flat: readonly unknown[]): Readonly<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) entries.push([String(flat[at]), flat[at + 1]]);
  return Object.fromEntries(entries);
}

/** Whether one entry's id is behind another's: `milliseconds-number`, each up to 64 bits. */
export function isBehind(id: string, other: string): boolean {
  const [ms = 0n, number = 0n] = id.split('-').map(BigInt);
  const [otherMs = 0n, otherNumber = 0n] = other.split('-').map(BigInt);
  return ms === otherMs ? number > otherNumber : ms > otherMs;
}
