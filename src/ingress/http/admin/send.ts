import type { SendRequest } from '../../../api/admin.ts';
import { YunqueError } from '../../../api/errors.ts';
import type { Message } from '../../../api/message.ts';
import type { MessageClass } from '../../../api/message-class.ts';
import { splitObject } from '../../../util/raw-json.ts';
import { parseMessageProto, parsePushFields } from '../../../wire/message-json.ts';
import { pushOnce } from '../idempotent.ts';
import type { HttpIngressOptions } from '../options.ts';
import { answerSchemas } from './answer-schema.ts';
import type { AddEndpoints } from './context.ts';
import { checkExclusion, checkTarget } from './id-lengths.ts';

export const addSend: AddEndpoints = (scope, { execute, options, schemas, systemOf }) => {
  const schema = { summary: 'Push a message', body: schemas.send, response: { 200: answerSchemas.receipt } };
  scope.post('/send', { schema }, async (request, reply) => {
    const body = request.body as SendRequest;
    if (body.qos !== undefined && body.qos !== 0) throw new YunqueError('qos_unavailable', undefined, { field: 'qos' });
    checkTarget(body.target, options.limits);
    checkExclusion(body.exclude, options.limits);
    const message = readMessage(body, request.bodyText, options);
    const { target, exclude } = body;
    const messageClass = classOf(body);
    const system = await systemOf(body);
    const push = async () => {
      const receipt = await execute(request)({
        type: 'push',
        door: 'admin',
        system,
        target,
        message,
        ...(exclude !== undefined && { exclude }),
        ...(messageClass !== undefined && { class: messageClass }),
      });
      return JSON.stringify(receipt);
    };
    const answer = await pushOnce(options, { asked: request, system, body: request.bodyText, headed: reply }, push);
    return reply.type('application/json; charset=utf-8').send(answer);
  });
};

function classOf({ class: name, key }: SendRequest): MessageClass | undefined {
  if (name !== undefined) return { name, ...(key !== undefined && { key }) };
  if (key === undefined) return undefined;
  throw new YunqueError('bad_request', 'a key needs a class', { field: 'key', hint: 'name one of outbox.classes' });
}

/** Read from the text: `data` and large integers would not survive JSON.parse. */
function readMessage({ push, message }: SendRequest, text: string, options: HttpIngressOptions): Message {
  if ((push === undefined) === (message === undefined)) {
    throw new YunqueError('bad_request', 'push or message is required, and not both', {
      field: push === undefined ? 'push' : 'message',
      hint: "push is go-websocket's {sendUserId, code, msg, data}, message a MessageProto",
    });
  }
  const messageId = options.newMessageId();
  const depth = options.limits.jsonDepth;
  const members = splitObject(text, depth);
  if (push === undefined) return parseMessageProto(members.get('message') ?? '', messageId, 'message.', depth);
  return { kind: 'push', messageId, ...parsePushFields(splitObject(members.get('push') ?? '', depth)) };
}
