import type { QueueRecord } from '../source.ts';

/** One entry of a stream. */
export interface StreamRecord extends QueueRecord {
  readonly id: string;
  /** As it stands there: names and values, one after the other. */
  readonly fields: readonly Buffer[];
}

/** As Redis answers it; the fields are missing where the entry was trimmed or deleted. */
export type RawEntry = readonly [id: Buffer, fields: readonly Buffer[] | null] | null;

const nothing = Buffer.alloc(0);

/** Undefined: it is not there any more. */
export function readEntry(entry: RawEntry): StreamRecord | undefined {
  const [id, fields] = entry ?? [];
  if (id === undefined || !fields) return undefined;
  let body: Buffer | undefined;
  let system: string | undefined;
  let idempotencyKey: string | undefined;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [name, value = nothing] = [fields[at]?.toString('latin1'), fields[at + 1]];
    if (name === 'data') body ??= value;
    else if (name === 'system') system ??= value.toString();
    else if (name === 'idempotencyKey') idempotencyKey ??= value.toString();
  }
  const headers = { ...(system !== undefined && { system }), ...(idempotencyKey !== undefined && { idempotencyKey }) };
  return {
    id: id.toString('latin1'),
    body: body ?? nothing,
    ...((system ?? idempotencyKey) !== undefined && { headers }),
    fields,
    ...(body === undefined && { defect: 'the entry has no field "data"' }),
  };
}
