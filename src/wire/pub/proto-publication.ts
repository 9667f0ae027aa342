import { YunqueError } from '../../api/errors.ts';
import { DecodeError } from '../codec.ts';
import { Cursor } from './cursor.ts';
import { fieldOfMessage, readMessageBytes } from './message-bytes.ts';
import {
  type ActPublication,
  type PublicationRules,
  type PublishedMessage,
  type SendAct,
  sendActs,
  sendTypes,
} from './publication.ts';

/** By field number; 0 is none. */
const names = ['', 'Uid', 'Sid', 'Cid', 'msg', 'act', 'type', 'system'] as const;

/** The tags of MessagesPubProto, with the wire types that its fields have. */
const tags = { Uid: 10, Sid: 18, Cid: 24, msg: 34, act: 40, type: 48, system: 58 };

/**
 * A MessagesPubProto as protobuf. The bytes of its messages are looked through and handed on as they are; fields that are not known are passed over, and in
 * messages handed on, too. Throws `bad_request` naming the field.
 */
export function decodePublication(body: Buffer, rules: PublicationRules): ActPublication {
  const cursor = new Cursor(body);
  const messages: PublishedMessage[] = [];
  let isInMessage = false;
  let [uids, sids, cid] = ['', '', 0n];
  let act: bigint | undefined;
  let type = 0n;
  let system: string | undefined;
  try {
    while (!cursor.isAtEnd) {
      const tag = cursor.readTag();
      switch (tag) {
        case tags.Uid:
          uids = cursor.text();
          break;
        case tags.Sid:
          sids = cursor.text();
          break;
        case tags.Cid:
          cid = cursor.int64();
          break;
        case tags.msg: {
          if (messages.length === rules.batch) throw tooManyMessages('msg', rules.batch);
          const end = cursor.delimited();
          cursor.limit = end;
          isInMessage = true;
          messages.push(readMessageBytes(cursor, rules.newMessageId()));
          isInMessage = false;
          cursor.limit = body.length;
          break;
        }
        case tags.act:
          act = cursor.int64();
          break;
        case tags.type:
          type = cursor.int64();
          break;
        case tags.system:
          system = cursor.text();
          break;
        default:
          if ((names[tag >>> 3] ?? '') !== '') throw new DecodeError(`wire type ${tag & 7} at byte ${cursor.at}`);
          cursor.skip(tag);
      }
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const field = isInMessage ? fieldOfMessage(cursor.tag) : (names[cursor.tag >>> 3] ?? '');
    throw undecodable(isInMessage ? `msg[${messages.length}]${field && `.${field}`}` : field, error);
  }
  nameOf(sendTypes, type, 'type');
  const named = act === undefined ? undefined : (nameOf(sendActs, act, 'act') as SendAct);
  return { form: 'act', at: '', system, uids, sids, cid, act: named, messages };
}

/** Throws `bad_request` where the enumeration has no such number. */
function nameOf(known: Readonly<Record<string, string | number>>, number: bigint, field: string): string {
  const name = known[String(number)];
  if (typeof name === 'string') return name;
  throw new YunqueError('bad_request', `${field} has no value ${number}`, { field });
}

export function tooManyMessages(field: string, batch: number): YunqueError {
  return new YunqueError('bad_request', `${field} has more than ${batch} messages (limits.batch)`, { field });
}

function undecodable(field: string, cause: DecodeError): YunqueError {
  const where = field === '' ? '' : `${field}: `;
  return new YunqueError('bad_request', `not a MessagesPubProto: ${where}${cause.message}`, {
    ...(field !== '' && { field }),
    hint: 'a body is MessagesPubProto as protobuf, or JSON whose first byte is { or [',
    cause,
  });
}
