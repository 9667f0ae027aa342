import type { CimMessage, Message, NoticeMessage, ProtoMessage, PushMessage } from '../api/message.ts';
import { noticeCodes } from '../api/message.ts';
import { mapJson } from './map-json.ts';

/** What a message is to receivers of another dialect: the mapping table of the wire reference, section 6. */

/** As MessageProto. A push's `data` stays JSON text, also where it is a string, so that readers need not guess. */
export function toProto(message: Message): ProtoMessage {
  switch (message.kind) {
    case 'proto':
      return message;
    case 'push': {
      const content = new Map([
        ['code', String(message.code)],
        ['msg', message.msg],
        ['data', message.data],
      ]);
      return { ...emptyProto, messageId: message.messageId, action: 'push', sender: message.sendUserId, content };
    }
    case 'cim':
      return {
        kind: 'proto',
        messageId: message.messageId,
        id: message.id,
        action: message.action,
        content: new Map([['content', message.content]]),
        sender: message.sender,
        receiver: message.receiver,
        extra: message.extra === '' ? emptyProto.extra : new Map([['extra', message.extra]]),
        title: message.title,
        sendTime: message.timestamp,
        image: '',
      };
    case 'notice': {
      const { messageId, clientId, userId, extend } = message;
      const content = new Map(Object.entries({ clientId, userId, extend }));
      return { ...emptyProto, messageId, action: String(message.code), content };
    }
    case 'replaced': {
      const content = new Map([['deviceName', message.deviceName]]);
      return { ...emptyProto, messageId: message.messageId, ...replacedHead, receiver: message.uid, content };
    }
    default:
      return message satisfies never;
  }
}

/** As CIM's Message. */
export function toCim(message: Message): CimMessage {
  switch (message.kind) {
    case 'cim':
      return message;
    case 'push': {
      const content = `{"code":${message.code},"msg":${JSON.stringify(message.msg)},"data":${message.data}}`;
      const { messageId, sendUserId: sender } = message;
      return { ...emptyCim, messageId, action: 'push', sender, content, format: 'json' };
    }
    case 'proto':
      return {
        kind: 'cim',
        messageId: message.messageId,
        id: message.id,
        action: message.action,
        content: mapJson(message.content),
        sender: message.sender,
        receiver: message.receiver,
        extra: mapJson(message.extra),
        title: message.title,
        format: 'json',
        timestamp: message.sendTime,
      };
    case 'notice':
      return {
        ...emptyCim,
        messageId: message.messageId,
        action: String(message.code),
        content: noticeJson(message),
        format: 'json',
      };
    case 'replaced':
      return {
        ...emptyCim,
        messageId: message.messageId,
        ...replacedHead,
        receiver: message.uid,
        content: message.deviceName,
      };
    default:
      return message satisfies never;
  }
}

/** `{"clientId","userId","extend"}`, the `data` of a notice. */
export function noticeJson({ clientId, userId, extend }: NoticeMessage): string {
  return JSON.stringify({ clientId, userId, extend });
}

/** go-websocket's own words for its notices. */
export const noticeTexts: Readonly<Record<NoticeMessage['code'], PushMessage['msg']>> = {
  [noticeCodes.online]: '客户端上线',
  [noticeCodes.offline]: '客户端下线',
};

const replacedHead = { action: '999', sender: '0' } as const;

const emptyProto: ProtoMessage = {
  kind: 'proto',
  messageId: '',
  id: 0n,
  action: '',
  content: new Map(),
  sender: '',
  receiver: '',
  extra: new Map(),
  title: '',
  sendTime: 0n,
  image: '',
};

const emptyCim: CimMessage = {
  kind: 'cim',
  messageId: '',
  id: 0n,
  action: '',
  content: '',
  sender: '',
  receiver: '',
  extra: '',
  title: '',
  format: '',
  timestamp: 0n,
};
