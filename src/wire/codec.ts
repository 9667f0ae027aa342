import type { Dialect } from '../api/dialect.ts';
import type { Message } from '../api/message.ts';

/** The answer to a client's request: REPLY in the CIM family, `{"code","msg","data","key"}` in `json`. */
export interface Reply {
  readonly key: string;
  /** A number as text: `200`, `401`, `404`, … */
  readonly code: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint;
  /** Texts by name, or JSON text: taken as it is in `json`; the others get the members of an object as texts, and of anything else one text named `data`. */
  readonly data: ReplyData;
}

export type ReplyData = ReadonlyMap<string, string> | string;

/** What a client sent, in the one vocabulary of all dialects. */
export type ClientFrame =
  /** The answer to our heartbeat. */
  | { readonly type: 'pong' }
  /** `json` only: `{"key":"ping"}`, to be answered with `Codec.pong`. */
  | { readonly type: 'ping' }
  /** SENT, or `{"key","data"}` in `json`, whose nested values are kept as their JSON text. */
  | {
      readonly type: 'request';
      readonly key: string;
      readonly timestamp: bigint;
      readonly data: ReadonlyMap<string, string>;
      /** In `json`: the data as the client wrote it. */
      readonly json?: string;
    }
  /** Legal and meaningless: counted, never answered. */
  | { readonly type: 'ignored' };

/**
 * One dialect: messages to payload bytes (the content of one WebSocket message, not framed) and back. Pure: no state, no
 * clock, the same bytes for the same message. Guarantees: `encode` never throws for a `Message`; `decode` throws
 * `DecodeError` and nothing else, for any bytes whatever, and holds no reference to `payload` afterwards.
 */
export interface Codec {
  readonly dialect: Dialect;
  /** Opcode of everything this dialect sends: binary (2) or text (1). RFC 6455 section 5.6. */
  readonly binary: boolean;
  /** Undefined where this dialect has no form for the message (a `replaced` for `json` is only its close code). */
  encode(message: Message): Buffer | undefined;
  encodeReply(reply: Reply): Buffer;
  decode(payload: Buffer, isBinary: boolean): ClientFrame;
  /** The heartbeat's payload; undefined where the empty WebSocket ping frame is the heartbeat. */
  readonly ping: Buffer | undefined;
  /** The answer to a client's `ping`; undefined where clients never ask. */
  readonly pong: Buffer | undefined;
}

/** Bytes that are not of the dialect. The connection is closed with 4000. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
