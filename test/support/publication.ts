import type { ProtoMessage } from '../../src/api/message.ts';
import { yunqueCodec } from '../../src/wire/codecs/yunque.ts';
import { toLong } from '../../src/wire/int64.ts';
import { yunque } from '../../src/wire/proto/messages.js';
import { sampleProto } from './messages.ts';

export const publicationRules = { batch: 1000, jsonDepth: 32, newMessageId: () => '0123456789abcdef' } as const;

export interface Publishing extends Omit<yunque.MessagesPubProto.$Properties, 'Cid' | 'msg'> {
  readonly Cid?: bigint;
  readonly msg?: readonly Partial<ProtoMessage>[];
}

/** A MessagesPubProto as the generated classes of another language write it: one message, unless others are given. */
export function publicationBytes({ Cid, msg = [{}], ...rest }: Publishing): Buffer {
  return Buffer.from(
    yunque.MessagesPubProto.encode({
      ...rest,
      ...(Cid !== undefined && { Cid: toLong(Cid) }),
      msg: msg.map((message) => yunque.MessageProto.decode(messageBytes(message))),
    }).finish(),
  );
}

/** A MessageProto, without a type byte. */
export function messageBytes(message: Partial<ProtoMessage> = {}): Buffer {
  return yunqueCodec.encode({ ...sampleProto, ...message })?.subarray(1) as Buffer;
}
