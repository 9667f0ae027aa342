import { type EncodedForm, type Message, noticeCodes } from '../../api/message.ts';
import { DecodeError } from '../codec.ts';
import { EncodedMessage, type OwnDialect } from '../encoded-message.ts';
import { fromLong, toLong } from '../int64.ts';
import { cluster } from '../proto/cluster.js';

type Fields = cluster.Message.$Properties;

/** Half a surrogate pair becomes U+FFFD on the way to another node, as it does on the way to a client of a binary dialect. */
const text = (value: string) => value.toWellFormed();

const { Dialect } = cluster;
const dialectNumbers: Readonly<Record<OwnDialect, cluster.Dialect>> = {
  json: Dialect.JSON,
  yunque: Dialect.YUNQUE,
  cim: Dialect.CIM,
};

export function messageToFields(message: Message | EncodedForm): Fields {
  const { messageId } = message;
  if (message.kind === 'encoded') {
    return { messageId, encoded: { dialect: dialectNumbers[message.dialect], payload: message.payload } };
  }
  switch (message.kind) {
    case 'push': {
      const { sendUserId, code, msg, data } = message;
      return { messageId, push: { sendUserId: text(sendUserId), code, msg: text(msg), data: text(data) } };
    }
    case 'proto':
      return {
        messageId,
        proto: {
          id: toLong(message.id),
          action: text(message.action),
          content: toPairs(message.content),
          sender: text(message.sender),
          receiver: text(message.receiver),
          extra: toPairs(message.extra),
          title: text(message.title),
          sendTime: toLong(message.sendTime),
          image: text(message.image),
        },
      };
    case 'cim':
      return {
        messageId,
        cim: {
          id: toLong(message.id),
          action: text(message.action),
          content: text(message.content),
          sender: text(message.sender),
          receiver: text(message.receiver),
          extra: text(message.extra),
          title: text(message.title),
          format: text(message.format),
          timestamp: toLong(message.timestamp),
        },
      };
    case 'notice': {
      const { code, clientId, userId, extend } = message;
      return { messageId, notice: { code, clientId, userId: text(userId), extend: text(extend) } };
    }
    case 'replaced':
      return { messageId, replaced: { uid: text(message.uid), deviceName: text(message.deviceName) } };
    default:
      return message satisfies never;
  }
}

/** What the generated decoder makes of the kinds: unlike its types say, every field has a value. */
interface Decoded {
  readonly messageId: string;
  readonly push?: cluster.PushMessage | null;
  readonly proto?: cluster.ProtoMessage | null;
  readonly cim?: cluster.CimMessage | null;
  readonly notice?: cluster.NoticeMessage | null;
  readonly replaced?: cluster.ReplacedMessage | null;
  readonly encoded?: cluster.EncodedMessage | null;
}

/** Of a decoded message. Throws `DecodeError` where it is none of ours; whether the bytes of one that is encoded are of its dialect is not looked at. */
export function messageFromFields(fields: Fields | null | undefined): Message | EncodedMessage {
  if (fields == null) throw new DecodeError('a message is missing');
  const { messageId, push, proto, cim, notice, replaced, encoded } = fields as Decoded;
  if (encoded != null) {
    const [dialect] = Object.entries(dialectNumbers).find(([, number]) => number === encoded.dialect) ?? [];
    if (dialect === undefined) throw new DecodeError(`no dialect has the number ${encoded.dialect}`);
    return new EncodedMessage(messageId, dialect as OwnDialect, encoded.payload as Buffer);
  }
  if (push != null) {
    return { kind: 'push', messageId, sendUserId: push.sendUserId, code: push.code, msg: push.msg, data: push.data };
  }
  if (proto != null) {
    const { id, action, content, sender, receiver, extra, title, sendTime, image } = proto;
    const times = { id: fromLong(id), sendTime: fromLong(sendTime) };
    const maps = { content: fromPairs(content), extra: fromPairs(extra) };
    return { kind: 'proto', messageId, action, sender, receiver, title, image, ...times, ...maps };
  }
  if (cim != null) {
    const { action, content, sender, receiver, extra, title, format } = cim;
    const times = { id: fromLong(cim.id), timestamp: fromLong(cim.timestamp) };
    return { kind: 'cim', messageId, action, content, sender, receiver, extra, title, format, ...times };
  }
  if (notice != null) {
    const code = Object.values(noticeCodes).find((known) => known === notice.code);
    if (code === undefined) throw new DecodeError(`no notice has the code ${notice.code}`);
    const { clientId, userId, extend } = notice;
    return { kind: 'notice', messageId, code, clientId, userId, extend };
  }
  if (replaced != null) {
    return { kind: 'replaced', messageId, uid: replaced.uid, deviceName: replaced.deviceName };
  }
  throw new DecodeError('a message of a kind that is not known here');
}

function toPairs(map: ReadonlyMap<string, string>): cluster.Pair.$Properties[] {
  return Array.from(map, ([key, value]) => ({ key: text(key), value: text(value) }));
}

function fromPairs(pairs: readonly cluster.Pair.$Properties[]): Map<string, string> {
  return new Map(pairs.map(({ key, value }) => [key ?? '', value ?? '']));
}
