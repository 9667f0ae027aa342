import { YunqueError } from '../../../api/errors.ts';
import { yunque } from '../../../wire/proto/push.js';
import { english } from '../../http/wording.ts';
import { readClass, readSend } from '../read-send.ts';
import { decodeWith, pathOf, type UnaryMethod } from './method.ts';

const { SendBatchRequest, BatchReceipt } = yunque.v1;

export const sendBatch: UnaryMethod = {
  path: pathOf('SendBatch'),
  privilege: 'push',
  isRepeatable: true,
  async answer({ execute, system, limits, newMessageId }, bytes) {
    const request = decodeWith((each) => SendBatchRequest.decode(each), bytes);
    const given = request.items;
    if (given.length > limits.batch) {
      throw new YunqueError('bad_request', english.tooMany('items', limits.batch), { field: 'items' });
    }
    const items = given.map((item, index) => {
      if (item.class != null) {
        const field = `items[${index}].class`;
        throw new YunqueError('bad_request', `${field} is for single messages`, { field, hint: 'give the batch one' });
      }
      return readSend(item, newMessageId(), limits, `items[${index}].`);
    });
    const messageClass = readClass(request.class, limits, 'class');
    const receipt = await execute({ type: 'pushList', door: 'grpc', system, items, ...messageClass });
    const { total, matched, delivered, queued, dropped, offline, missingNodes } = receipt;
    return BatchReceipt.encode({
      ...{ total, matched, delivered, queued, dropped },
      offline: [...offline],
      missing_nodes: [...missingNodes],
      message_ids: items.map(({ message }) => message.messageId),
    }).finish();
  },
};
