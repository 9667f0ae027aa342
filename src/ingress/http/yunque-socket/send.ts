import { YunqueError } from '../../../api/errors.ts';
import type { ProtoMessage } from '../../../api/message.ts';
import type { Receipt } from '../../../api/receipt.ts';
import type { Target } from '../../../api/target.ts';
import { findMessageProtos, parseMessageProto } from '../../../wire/message-json.ts';
import { checkText, readText, requireText } from '../json-body.ts';
import { isLongerThan } from '../json-fields.ts';
import { missed } from '../missing-nodes.ts';
import type { HttpLimits } from '../options.ts';
import { english } from '../wording.ts';
import type { Call, Endpoint } from './endpoint.ts';

/** A MessageProto to all connections of the user in `receiver`. */
export const send: Endpoint = {
  path: '/send',
  methods: ['POST'],
  privilege: 'push',
  isPush: true,
  async answer(call) {
    const message = readMessage(call);
    const target = { to: 'users', uids: [receiverOf(message, 'receiver', call.limits)] } as const;
    return answerFor(message, await push(call, target, message));
  },
};

/** A MessageProto to everyone in the system; its `receiver` is only text. */
export const sendAll: Endpoint = {
  path: '/send/all',
  methods: ['POST'],
  privilege: 'push',
  isPush: true,
  async answer(call) {
    const message = readMessage(call);
    return answerFor(message, await push(call, { to: 'system' }, message));
  },
};

export const sendToUids: Endpoint = {
  path: '/send/toUids',
  methods: ['POST'],
  privilege: 'push',
  isPush: true,
  async answer(call) {
    const fields = call.fields();
    const uids = fields.ids('uids');
    const message = parseMessageProto(
      fields.raw('message') ?? fields.missing('message'),
      call.newMessageId(),
      'message.',
      call.limits.jsonDepth,
    );
    const receipt = await push(call, { to: 'users', uids }, message);
    return { ...answerFor(message, receipt), offline: receipt.offline ?? [] };
  },
};

/** Each MessageProto to its own `receiver`. */
export const sendList: Endpoint = {
  path: '/send/sendList',
  methods: ['POST'],
  privilege: 'push',
  isPush: true,
  async answer(call) {
    const { batch, jsonDepth } = call.limits;
    const found = readText(call.body, (text) => findMessageProtos(text, batch, jsonDepth));
    if (found.length > batch) throw new YunqueError('bad_request', english.tooMany('the list', batch));
    const items: { target: Target; message: ProtoMessage }[] = [];
    for (let index = 0; index < found.length; index++) {
      const message = found.parse(index, call.newMessageId());
      const uid = receiverOf(message, `[${index}].receiver`, call.limits);
      items.push({ target: { to: 'users', uids: [uid] }, message });
    }
    const { system } = call;
    const receipt = await call.execute({ type: 'pushList', door: 'http', system, items, ...call.messageClass() });
    return { total: receipt.total, delivered: receipt.delivered, offline: receipt.offline, ...missed(receipt) };
  },
};

function readMessage(call: Call): ProtoMessage {
  const text = requireText(call.body);
  const message = parseMessageProto(text, call.newMessageId(), '', call.limits.jsonDepth);
  checkText(text);
  return message;
}

function receiverOf(message: ProtoMessage, field: string, { idBytes }: HttpLimits): string {
  const { receiver } = message;
  if (receiver === '')
    throw new YunqueError('bad_request', english.missing(field), { field, hint: 'the uid it is for' });
  if (isLongerThan(receiver, idBytes)) throw new YunqueError('bad_request', english.tooLong(field, idBytes), { field });
  return receiver;
}

function push(call: Call, target: Target, message: ProtoMessage): Promise<Receipt> {
  return call.execute({ type: 'push', door: 'http', system: call.system, target, message, ...call.messageClass() });
}

/** `id` is the sender's own, a number where a double holds it. Connections are counted. */
function answerFor(message: ProtoMessage, receipt: Receipt) {
  const { messageId, matched, delivered } = receipt;
  const id = Number(message.id);
  return { id: Number.isSafeInteger(id) ? id : String(message.id), messageId, matched, delivered, ...missed(receipt) };
}
