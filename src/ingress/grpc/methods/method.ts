import type { Metadata } from '@grpc/grpc-js';
import type { Privilege } from '../../../access/access.ts';
import type { Execute } from '../../../api/command.ts';
import { YunqueError } from '../../../api/errors.ts';
import type { GrpcLimits } from '../options.ts';

/** One call, access judged and its system known. */
export interface Call {
  readonly execute: Execute;
  readonly system: string;
  readonly limits: GrpcLimits;
  newMessageId(): string;
}

/** A method of one request and one answer. `answer` rejects with a `YunqueError`. */
export interface UnaryMethod {
  readonly path: string;
  readonly privilege: Privilege;
  /** A call that is sent again with its idempotency key is answered as the first one was. */
  readonly isRepeatable: boolean;
  answer(call: Call, request: Buffer): Promise<Uint8Array>;
}

/** A method of many requests and one answer. */
export interface StreamMethod {
  readonly path: string;
  readonly privilege: Privilege;
  answer(call: StreamCall): Promise<Uint8Array>;
}

export interface StreamCall extends Call {
  /** The messages that have come since the last time, at most `most` of them; waits for one. Empty: there are no more. Rejects once the call is over. */
  read(most: number): Promise<readonly Buffer[]>;
  /** Throws where the node takes no more. */
  check(): void;
  /** Some messages failed while the call goes on: logs what is a fault of ours. */
  onFailed(error: unknown): void;
  /** Of a call that fails. */
  readonly trailers: Metadata;
}

export function pathOf(method: string): string {
  return `/yunque.v1.Push/${method}`;
}

/** Throws `bad_request`. */
export function decodeWith<T>(decode: (bytes: Buffer) => T, bytes: Buffer): T {
  try {
    return decode(bytes);
  } catch (error) {
    const hint = 'generate your classes from the .proto that `yunque proto push` prints';
    throw new YunqueError('bad_request', `the message cannot be read: ${(error as Error).message}`, { hint });
  }
}
