import { type ErrorCode, errorTable, YunqueError } from '../../api/errors.ts';
import { type DropReason, dropReasons, type Receipt } from '../../api/receipt.ts';
import { cluster } from '../proto/cluster.js';
import { decodeWith, encodeWith } from './items.ts';

/** What became of a push on another node: what its own node adds to it is left out. */
export type RemoteReceipt = Omit<Receipt, 'messageId' | 'stored' | 'missingNodes'>;

/** Which push it is of, where that was broadcast: the broadcast's number, and the push's place in it. */
export interface BroadcastPlace {
  readonly broadcast: number;
  readonly place: number;
}

const noPlace: BroadcastPlace = { broadcast: 0, place: 0 };

export function encodeReceipt(receipt: RemoteReceipt | YunqueError, of: BroadcastPlace = noPlace): Buffer {
  const { broadcast, place } = of;
  if (receipt instanceof YunqueError) {
    return encodeWith(cluster.Receipt, { error: receipt.code, errorMessage: receipt.message, broadcast, place });
  }
  const { matched, delivered, queued, dropped, offline = [], unknown = [] } = receipt;
  return encodeWith(cluster.Receipt, {
    broadcast,
    place,
    matched,
    delivered,
    queued,
    dropped: Object.entries(dropped).map(([name, count]) => ({ name, count })),
    offline: [...offline],
    unknown: [...unknown],
  });
}

/** Throws `DecodeError` and nothing else. */
export function decodeReceipt(bytes: Buffer): RemoteReceipt | YunqueError {
  return decodeWith(cluster.Receipt, bytes, receiptOf);
}

/** Of a push that was broadcast. Throws `DecodeError` and nothing else. */
export function decodeBroadcastReceipt(
  bytes: Buffer,
): BroadcastPlace & { readonly receipt: RemoteReceipt | YunqueError } {
  return decodeWith(cluster.Receipt, bytes, (fields) => {
    return { broadcast: fields.broadcast, place: fields.place, receipt: receiptOf(fields) };
  });
}

function receiptOf(fields: cluster.Receipt): RemoteReceipt | YunqueError {
  const { error, errorMessage, matched, delivered, queued, offline, unknown } = fields;
  if (error !== '') return new YunqueError(knownCode(error), errorMessage === '' ? undefined : errorMessage);
  const dropped: Partial<Record<DropReason, number>> = {};
  for (const { name, count } of fields.dropped as cluster.Count[]) {
    const reason = dropReasons.find((known) => known === name);
    if (reason !== undefined) dropped[reason] = count;
  }
  return { matched, delivered, queued, dropped, offline, unknown };
}

/** A node of a newer version may know further ones. */
export function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal';
}
