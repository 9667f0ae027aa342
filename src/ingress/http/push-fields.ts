import type { PushMessage } from '../../api/message.ts';
import { parsePushFields } from '../../wire/message-json.ts';
import type { JsonFields } from './json-fields.ts';

/** go-websocket's push from the fields of that name; each may be absent. `data` stays the text the sender wrote. */
export function readPush(fields: JsonFields, messageId: string): PushMessage {
  const { sendUserId, code, msg, data } = parsePushFields(fields.members);
  return { kind: 'push', messageId, sendUserId, code, msg, data };
}
