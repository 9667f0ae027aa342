/**
 * What can be delivered to a connection, whatever the dialect it speaks. `wire/codecs` turns each kind into the
 * bytes of each dialect (the mapping table of the wire reference).
 *
 * `messageId` is ours: 16 lower-case hex characters, unique. `id` in the MessageProto kinds belongs to the sender.
 */
export type Message = PushMessage | ProtoMessage | CimMessage | NoticeMessage | ReplacedMessage;

/** A message with its bytes in the dialect it was made in, from which the rest of it is read where somebody needs it. */
export interface EncodedForm {
  readonly kind: 'encoded';
  readonly messageId: string;
  readonly dialect: 'json' | 'yunque' | 'cim';
  /** What a client of the dialect gets in one WebSocket message. Not written to any more. */
  readonly payload: Buffer;
  /** Throws where the payload is none of the dialect. */
  readonly message: Message;
}

/** go-websocket's push. `data` is JSON text, kept byte for byte as the sender wrote it (`null` when absent). */
export interface PushMessage {
  readonly kind: 'push';
  readonly messageId: string;
  readonly sendUserId: string;
  readonly code: number;
  readonly msg: string;
  readonly data: string;
}

/** yunque-socket's MessageProto. Both int64 are bigint so that no value passes through a double. */
export interface ProtoMessage {
  readonly kind: 'proto';
  readonly messageId: string;
  readonly id: bigint;
  readonly action: string;
  readonly content: ReadonlyMap<string, string>;
  readonly sender: string;
  readonly receiver: string;
  readonly extra: ReadonlyMap<string, string>;
  readonly title: string;
  readonly sendTime: bigint;
  readonly image: string;
}

/** CIM 4.2's Message, as its own HTTP door sends it. */
export interface CimMessage {
  readonly kind: 'cim';
  readonly messageId: string;
  readonly id: bigint;
  readonly action: string;
  readonly content: string;
  readonly sender: string;
  readonly receiver: string;
  readonly extra: string;
  readonly title: string;
  readonly format: string;
  readonly timestamp: bigint;
}

export const noticeCodes = { online: 1001, offline: 1002 } as const;

/** go-websocket's notice to the members of a group: somebody joined (1001) or left (1002). */
export interface NoticeMessage {
  readonly kind: 'notice';
  readonly messageId: string;
  readonly code: (typeof noticeCodes)[keyof typeof noticeCodes];
  readonly clientId: string;
  readonly userId: string;
  readonly extend: string;
}

/** Action 999: a newer login of the same user took this connection's place; the client must not reconnect. */
export interface ReplacedMessage {
  readonly kind: 'replaced';
  readonly messageId: string;
  readonly uid: string;
  /** The new device's name. */
  readonly deviceName: string;
}
