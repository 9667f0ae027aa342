import { YunqueError } from '../../api/errors.ts';
import { DecodeError } from '../codec.ts';
import { cluster } from '../proto/cluster.js';
import { decodeWith, encodeWith } from './items.ts';
import { knownCode } from './receipt.ts';

/** The version of everything nodes say to each other; the first byte. From 2 on messages travel in the bytes of their own dialect. */
export const clusterVersion = 2;
/** What earlier versions said is still read. */
const firstVersion = 1;

/** Several things of one kind, each encoded by the file of its name. */
export const batchKinds = ['pushes', 'receipts', 'routes', 'notices'] as const;
export type BatchKind = (typeof batchKinds)[number];

/**
 * One tell, question or answer between nodes: a version byte, a type byte, a body.
 * `note` is anything rare, as JSON: it never holds a `Message`, the only thing with int64 and maps in it.
 */
export type Envelope =
  | { readonly type: 'batch'; readonly kind: BatchKind; readonly items: readonly Buffer[] }
  | { readonly type: 'note'; readonly name: string; readonly body: unknown }
  | Broadcast
  | { readonly type: 'done' }
  | { readonly type: 'failure'; readonly error: YunqueError };

/** What one node says to all at once. `incarnation` of the origin and `number` are whole and below 2^53; numbers begin with 1 and have no gaps. */
export interface Broadcast {
  readonly type: 'broadcast';
  readonly origin: string;
  readonly incarnation: number;
  readonly number: number;
  /** Each encoded by push.ts. */
  readonly pushes: readonly Buffer[];
}

const typeBytes = { batch: 1, note: 5, done: 6, failure: 7, broadcast: 8 } as const;

/** Of a version or type this node does not know: to be answered with a failure, and said once. */
export class UnknownEnvelope extends DecodeError {
  readonly version: number;
  readonly typeByte: number;

  constructor(version: number, typeByte: number) {
    super(`version ${version}, type ${typeByte} is not known here`);
    this.version = version;
    this.typeByte = typeByte;
  }
}

export function encodeEnvelope(envelope: Envelope): Buffer {
  switch (envelope.type) {
    case 'batch': {
      const typeByte = typeBytes.batch + batchKinds.indexOf(envelope.kind);
      return withHead(typeByte, encodeWith(cluster.Batch, { items: envelope.items as Buffer[] }));
    }
    case 'note':
      return withHead(typeBytes.note, Buffer.from(JSON.stringify([envelope.name, envelope.body])));
    case 'broadcast': {
      const { origin, incarnation, number, pushes } = envelope;
      const fields = { origin, incarnation, number, pushes: pushes as Buffer[] };
      return withHead(typeBytes.broadcast, encodeWith(cluster.Broadcast, fields));
    }
    case 'done':
      return withHead(typeBytes.done, Buffer.alloc(0));
    case 'failure': {
      const { code, message, field, hint, problems, retryAfterSeconds } = envelope.error;
      const body = { code, message, field, hint, problems, retryAfterSeconds };
      return withHead(typeBytes.failure, Buffer.from(JSON.stringify(body)));
    }
    default:
      return envelope satisfies never;
  }
}

/** Throws `DecodeError` and nothing else, for any bytes whatever. */
export function decodeEnvelope(bytes: Buffer): Envelope {
  const [version, typeByte] = bytes;
  if (version === undefined || typeByte === undefined) throw new DecodeError('too short');
  const body = bytes.subarray(2);
  const kind = batchKinds[typeByte - typeBytes.batch];
  if (version >= firstVersion && version <= clusterVersion) {
    if (kind !== undefined) {
      return decodeWith(cluster.Batch, body, ({ items }) => ({ type: 'batch', kind, items: items as Buffer[] }));
    }
    if (typeByte === typeBytes.note) return readNote(body);
    if (typeByte === typeBytes.done) return { type: 'done' };
    if (typeByte === typeBytes.failure) return readFailure(body);
    if (typeByte === typeBytes.broadcast) return readBroadcast(body);
  }
  throw new UnknownEnvelope(version, typeByte);
}

function withHead(typeByte: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(clusterVersion, typeByte), body]);
}

function readBroadcast(body: Buffer): Envelope {
  return decodeWith(cluster.Broadcast, body, ({ origin, incarnation, number, pushes }) => {
    if (!Number.isSafeInteger(incarnation) || !Number.isSafeInteger(number) || number < 1) {
      throw new DecodeError('no whole number');
    }
    return { type: 'broadcast', origin, incarnation, number, pushes: pushes as Buffer[] };
  });
}

function readNote(body: Buffer): Envelope {
  const value = readJson(body);
  if (!Array.isArray(value) || typeof value[0] !== 'string') throw new DecodeError('no note');
  return { type: 'note', name: value[0], body: value[1] };
}

function readFailure(body: Buffer): Envelope {
  const value = readJson(body);
  if (typeof value !== 'object' || value === null) throw new DecodeError('no failure');
  const { code, message, field, hint, problems, retryAfterSeconds } = value as Record<string, unknown>;
  const error = new YunqueError(knownCode(String(code)), typeof message === 'string' ? message : undefined, {
    ...(typeof field === 'string' && { field }),
    ...(typeof hint === 'string' && { hint }),
    ...(Array.isArray(problems) && { problems: problems.map(String) }),
    ...(typeof retryAfterSeconds === 'number' && { retryAfterSeconds }),
  });
  return { type: 'failure', error };
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new DecodeError('no JSON', { cause: error });
  }
}
