import type { DialectName } from './ws-decode.ts';

/** What a receiver of each dialect must get: the mapping table of the wire reference, worked out by hand. */
export interface SentPush {
  readonly sendUserId: string;
  readonly code: number;
  readonly msg: string;
  /** JSON text. */
  readonly data: string;
}

export interface SentProto {
  readonly id: number;
  readonly action: string;
  readonly content: Readonly<Record<string, string>>;
  readonly sender: string;
  readonly receiver: string;
  readonly extra: Readonly<Record<string, string>>;
  readonly title: string;
  readonly sendTime: number;
  readonly image: string;
}

/** Text for `json` (the whole frame), all fields of the body for the others; int64 as text in the binary ones. */
export type Form = string | Readonly<Record<string, unknown>>;

const emptyProto = {
  id: '0',
  action: '',
  content: {},
  sender: '',
  receiver: '',
  extra: {},
  title: '',
  sendTime: '0',
  image: '',
};
const emptyCim = {
  id: '0',
  action: '',
  content: '',
  sender: '',
  receiver: '',
  extra: '',
  title: '',
  format: '',
  timestamp: '0',
};

export function pushForm(dialect: DialectName, messageId: string, { sendUserId, code, msg, data }: SentPush): Form {
  const inner = `"code":${code},"msg":${JSON.stringify(msg)},"data":${data}}`;
  switch (dialect) {
    case 'json':
      return `{"messageId":"${messageId}","sendUserId":${JSON.stringify(sendUserId)},${inner}`;
    case 'yunque':
      return { ...emptyProto, action: 'push', sender: sendUserId, content: { code: String(code), msg, data } };
    case 'cim':
    case 'cim-json':
      return cim(dialect, { action: 'push', sender: sendUserId, content: `{${inner}`, format: 'json' });
    default:
      return dialect satisfies never;
  }
}

export function protoForm(dialect: DialectName, messageId: string, sent: SentProto): Form {
  const { id, action, content, sender, receiver, extra, title, sendTime, image } = sent;
  switch (dialect) {
    case 'json': {
      const data = JSON.stringify({ id, action, content, sender, receiver, extra, title, sendTime, image });
      return `{"messageId":"${messageId}","sendUserId":"${sender}","code":0,"msg":"${action}","data":${data}}`;
    }
    case 'yunque':
      return { ...sent, id: String(id), sendTime: String(sendTime) };
    case 'cim':
    case 'cim-json': {
      const texts = { content: JSON.stringify(content), extra: JSON.stringify(extra), format: 'json' };
      return cim(dialect, { id: String(id), action, sender, receiver, title, timestamp: String(sendTime), ...texts });
    }
    default:
      return dialect satisfies never;
  }
}

export interface SentCim {
  readonly id: number;
  readonly action: string;
  readonly content: string;
  readonly sender: string;
  readonly receiver: string;
  readonly extra: string;
  readonly title: string;
  readonly format: string;
}

/** CIM's own call gives the message one number for both its id and its time. */
export function cimForm(dialect: DialectName, messageId: string, sent: SentCim): Form {
  const { id, action, content, sender, receiver, extra, title, format } = sent;
  switch (dialect) {
    case 'json': {
      const data = JSON.stringify({ id, action, content, sender, receiver, extra, title, format, timestamp: id });
      return `{"messageId":"${messageId}","sendUserId":"${sender}","code":0,"msg":"${action}","data":${data}}`;
    }
    case 'yunque': {
      const number = { id: String(id), sendTime: String(id) };
      return { ...emptyProto, ...number, action, content: { content }, sender, receiver, extra: { extra }, title };
    }
    case 'cim':
    case 'cim-json':
      return cim(dialect, { ...sent, id: String(id), timestamp: String(id) });
    default:
      return dialect satisfies never;
  }
}

export interface SentNotice {
  readonly code: 1001 | 1002;
  readonly clientId: string;
  readonly userId: string;
  readonly extend: string;
}

export function noticeForm(dialect: DialectName, messageId: string, { code, ...who }: SentNotice): Form {
  const { clientId, userId, extend } = who;
  const data = JSON.stringify({ clientId, userId, extend });
  const msg = code === 1001 ? '客户端上线' : '客户端下线';
  switch (dialect) {
    case 'json':
      return `{"messageId":"${messageId}","sendUserId":"","code":${code},"msg":"${msg}","data":${data}}`;
    case 'yunque':
      return { ...emptyProto, action: String(code), content: { clientId, userId, extend } };
    case 'cim':
    case 'cim-json':
      return cim(dialect, { action: String(code), content: data, format: 'json' });
    default:
      return dialect satisfies never;
  }
}

/** 999: a newer login on the device of this name. `json` has no form for it. */
export function replacedForm(dialect: Exclude<DialectName, 'json'>, uid: string, deviceName: string): Form {
  const head = { action: '999', sender: '0', receiver: uid };
  return dialect === 'yunque'
    ? { ...emptyProto, ...head, content: { deviceName } }
    : cim(dialect, { ...head, content: deviceName });
}

/** JSON mode has numbers where protobuf has int64. */
function cim(dialect: 'cim' | 'cim-json', fields: Readonly<Record<string, string>>): Form {
  const all = { ...emptyCim, ...fields };
  return dialect === 'cim' ? all : { ...all, id: Number(all.id), timestamp: Number(all.timestamp) };
}
