import { yunque } from '../../../wire/proto/push.js';
import { readClass, readSend } from '../read-send.ts';
import { decodeWith, pathOf, type UnaryMethod } from './method.ts';

const { SendRequest, Receipt } = yunque.v1;

export const send: UnaryMethod = {
  path: pathOf('Send'),
  privilege: 'push',
  isRepeatable: true,
  async answer({ execute, system, limits, newMessageId }, bytes) {
    const request = decodeWith((each) => SendRequest.decode(each), bytes);
    const item = readSend(request, newMessageId(), limits);
    const receipt = await execute({
      type: 'push',
      door: 'grpc',
      system,
      ...item,
      ...readClass(request.class, limits, 'class'),
    });
    const { messageId, matched, delivered, queued, dropped, offline = [], unknown = [], missingNodes } = receipt;
    return Receipt.encode({
      ...{ matched, delivered, queued, dropped },
      message_id: messageId,
      offline: [...offline],
      unknown: [...unknown],
      missing_nodes: [...missingNodes],
    }).finish();
  },
};
