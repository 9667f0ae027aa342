import type { PushCommand } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Message } from '../../api/message.ts';
import type { MessageClass } from '../../api/message-class.ts';
import { oneValue } from '../../util/raw-json.ts';
import { fromLong } from '../../wire/int64.ts';
import type { yunque } from '../../wire/proto/push.js';
import { checkText } from '../http/json-body.ts';
import { isLongerThan } from '../http/json-fields.ts';
import { english } from '../http/wording.ts';
import type { GrpcLimits } from './options.ts';
import { readExclusion, readIds, readTarget } from './read-target.ts';

type Decoded = yunque.v1.SendRequest.$Properties;

/** A message with its target. `at`: before the names of its fields (`items[3].`). Throws `bad_request`, naming the field. */
export function readSend(
  request: Decoded,
  messageId: string,
  limits: GrpcLimits,
  at = '',
): Pick<PushCommand, 'target' | 'message' | 'exclude' | 'nodes'> {
  const target = readTarget(request.target, limits, `${at}target`);
  const message = readMessage(request, messageId, limits, at);
  const exclude = request.exclude == null ? undefined : readExclusion(request.exclude, limits, `${at}exclude`);
  const nodes = request.nodes == null || request.nodes.length === 0 ? undefined : request.nodes;
  if (nodes !== undefined) readIds(nodes, limits, `${at}nodes`);
  return { target, message, ...(exclude !== undefined && { exclude }), ...(nodes !== undefined && { nodes }) };
}

/** Throws `bad_request`. */
export function readClass(
  given: yunque.v1.MessageClass.$Properties | null | undefined,
  { idBytes }: GrpcLimits,
  at: string,
): { readonly class?: MessageClass } {
  if (given == null) return {};
  const { name = '', key = '' } = given as { name?: string; key?: string };
  const wrong = (field: string, message: string, hint?: string) =>
    new YunqueError('bad_request', message, { field, ...(hint !== undefined && { hint }) });
  if (name === '') throw wrong(`${at}.name`, english.missing(`${at}.name`), 'name one of outbox.classes');
  for (const [field, value] of Object.entries({ name, key })) {
    if (isLongerThan(value, idBytes)) throw wrong(`${at}.${field}`, english.tooLong(`${at}.${field}`, idBytes));
  }
  return { class: { name, ...(key !== '' && { key }) } };
}

function readMessage({ push, proto, cim }: Decoded, messageId: string, limits: GrpcLimits, at: string): Message {
  if ([push, proto, cim].filter((each) => each != null).length !== 1) {
    throw new YunqueError('bad_request', `${at}message is required: one of push, proto and cim`, {
      field: `${at}message`,
      hint: "push is go-websocket's, proto yunque-socket's MessageProto, cim CIM's message",
    });
  }
  if (push != null) return pushOf(push as yunque.v1.WebsocketPush, messageId, limits, `${at}push.`);
  if (proto != null) return protoOf(proto as yunque.v1.MessageProto, messageId);
  return cimOf(cim as yunque.v1.CimMessage, messageId);
}

function pushOf(
  { send_user_id, code, msg, data }: yunque.v1.WebsocketPush,
  messageId: string,
  { jsonDepth }: GrpcLimits,
  at: string,
): Message {
  const number = fromLong(code);
  if (!Number.isSafeInteger(Number(number))) {
    const field = `${at}code`;
    throw new YunqueError('bad_request', `${field} must be an integer below 2^53`, { field });
  }
  const text = data === '' ? 'null' : jsonOf(data, jsonDepth, `${at}data`);
  return { kind: 'push', messageId, sendUserId: send_user_id, code: Number(number), msg, data: text };
}

function jsonOf(text: string, maxDepth: number, field: string): string {
  try {
    const value = oneValue(text, maxDepth);
    checkText(value);
    return value;
  } catch (error) {
    const hint = 'data is JSON text: a string is sent with its quotes, "\\"like this\\""';
    throw new YunqueError('bad_request', `${field} must be JSON: ${(error as Error).message}`, { field, hint });
  }
}

function protoOf(message: yunque.v1.MessageProto, messageId: string): Message {
  const { id, action, content, sender, receiver, extra, title, sendTime, image } = message;
  return {
    kind: 'proto',
    ...{ messageId, action, sender, receiver, title, image },
    id: fromLong(id),
    // The generated code makes a `__proto__` key the record's own property.
    content: new Map(Object.entries(content)),
    extra: new Map(Object.entries(extra)),
    sendTime: fromLong(sendTime),
  };
}

function cimOf(message: yunque.v1.CimMessage, messageId: string): Message {
  const { id, action, content, sender, receiver, extra, title, format, timestamp } = message;
  const texts = { action, content, sender, receiver, extra, title, format };
  return { kind: 'cim', messageId, ...texts, id: fromLong(id), timestamp: fromLong(timestamp) };
}
