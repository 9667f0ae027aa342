import { YunqueError } from '../../../api/errors.ts';
import type { MissingNodes } from '../../../api/listing.ts';
import type { Receipt } from '../../../api/receipt.ts';
import type { Target } from '../../../api/target.ts';
import { missed } from '../missing-nodes.ts';
import { readPush } from '../push-fields.ts';
import type { Call, Endpoint } from './endpoint.ts';

export const sendToClient: Endpoint = {
  path: '/api/send_to_client',
  privilege: 'push',
  takesSystem: true,
  isPush: true,
  async answer(call) {
    const receipt = await push(call, { to: 'connections', ids: [call.fields.id('clientId')] });
    if (receipt.unknown !== undefined && receipt.unknown.length > 0) throw new YunqueError('unknown_client');
    return answerFor(receipt);
  },
};

/** Ids that nobody holds are not reached; go-websocket answers success even when that is all of them. */
export const sendToClients: Endpoint = {
  path: '/api/send_to_clients',
  privilege: 'push',
  takesSystem: true,
  isPush: true,
  async answer(call) {
    return answerFor(await push(call, { to: 'connections', ids: call.fields.ids('clientIds') }));
  },
};

export const sendToGroup: Endpoint = {
  path: '/api/send_to_group',
  privilege: 'push',
  takesSystem: true,
  isPush: true,
  async answer(call) {
    return answerFor(await push(call, { to: 'groups', groups: [call.fields.id('groupName')] }));
  },
};

/** go-websocket has the function for it, and no route. */
export const sendToSystem: Endpoint = {
  path: '/api/send_to_system',
  privilege: 'push',
  takesSystem: true,
  isPush: true,
  async answer(call) {
    return answerFor(await push(call, { to: 'system' }));
  },
};

function push(call: Call, target: Target): Promise<Receipt> {
  const message = readPush(call.fields, call.newMessageId());
  return call.execute({ type: 'push', door: 'http', system: call.system, target, message, ...call.messageClass() });
}

function answerFor(receipt: Receipt): { readonly messageId: string; readonly missingNodes?: MissingNodes } {
  return { messageId: receipt.messageId, ...missed(receipt) };
}
