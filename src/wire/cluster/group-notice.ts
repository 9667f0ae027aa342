import type { NoticeMessage } from '../../api/message.ts';
import { DecodeError } from '../codec.ts';
import { cluster } from '../proto/cluster.js';
import { decodeWith, encodeWith } from './items.ts';
import { messageFromFields, messageToFields } from './message.ts';

/** A member of a group came or went on another node. */
export interface GroupNotice {
  readonly system: string;
  readonly group: string;
  readonly cid: number;
  readonly message: NoticeMessage;
  /** Nobody is told: the whole group goes. */
  readonly silent: boolean;
}

export function encodeGroupNotice(notice: GroupNotice): Buffer {
  const { system, group, cid, message, silent } = notice;
  return encodeWith(cluster.GroupNotice, { system, group, cid, message: messageToFields(message), silent });
}

/** Throws `DecodeError` and nothing else. */
export function decodeGroupNotice(bytes: Buffer): GroupNotice {
  return decodeWith(cluster.GroupNotice, bytes, ({ system, group, cid, message: fields, silent }) => {
    const message = messageFromFields(fields);
    if (!('kind' in message) || message.kind !== 'notice') throw new DecodeError('a notice without its message');
    return { system, group, cid, message, silent };
  });
}
