import type { EncodedForm, Message, PushMessage } from '../../api/message.ts';
import { yunque } from '../proto/messages.js';

/** Whom the messages of a MessagesPubProto are for. */
export const { SendActProto: sendActs, SendTypeProto: sendTypes } = yunque;
export type SendAct = keyof typeof sendActs;

/** One message of a MessagesPubProto. */
export interface PublishedMessage {
  readonly message: Message | EncodedForm;
  readonly receiver: string;
}

/** A MessagesPubProto, be it protobuf or JSON, its fields as they were given. */
export interface ActPublication {
  readonly form: 'act';
  /** Where it is, for errors: `[2].` of a list, '' where it is alone. */
  readonly at: string;
  /** Undefined where it names none. */
  readonly system: string | undefined;
  /** A list separated by commas, as is `sids`; '' where nothing is filled in. */
  readonly uids: string;
  readonly sids: string;
  readonly cid: bigint;
  /** Undefined where it was not sent. */
  readonly act: SendAct | undefined;
  readonly messages: readonly PublishedMessage[];
}

/** go-websocket's push. */
export interface PushPublication {
  readonly form: 'push';
  readonly at: string;
  readonly system: string | undefined;
  readonly to: PushReceivers;
  readonly message: PushMessage;
}

/** Whom go-websocket's push names; undefined: everyone in the system. */
export type PushReceivers =
  | { readonly clientId: string }
  | { readonly clientIds: readonly string[] }
  | { readonly groupName: string }
  | undefined;

/** What one body of a queue says, or a part of it. */
export type Publication = ActPublication | PushPublication;

export interface PublicationRules {
  /** Of messages in one body (`limits.batch`). */
  readonly batch: number;
  readonly jsonDepth: number;
  readonly newMessageId: () => string;
}
