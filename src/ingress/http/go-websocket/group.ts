import type { MembershipResult } from '../../../api/command.ts';
import { YunqueError } from '../../../api/errors.ts';
import type { MissingNodes } from '../../../api/listing.ts';
import { missed } from '../missing-nodes.ts';
import type { Endpoint } from './endpoint.ts';

/** `userId` and `extend` are labels for the notices; `/send` never reaches a user by them. */
export const bindToGroup: Endpoint = {
  path: '/api/bind_to_group',
  privilege: 'push',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const ids = [fields.id('clientId')];
    const group = fields.id('groupName');
    const labels = { userId: fields.optionalId('userId') ?? '', extend: fields.string('extend') ?? '' };
    const result = await execute({ type: 'join', system, group, members: { by: 'connections', ids }, ...labels });
    return answerFor(result);
  },
};

export const unbindFromGroup: Endpoint = {
  path: '/api/unbind_from_group',
  privilege: 'push',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const ids = [fields.id('clientId')];
    const group = fields.id('groupName');
    const result = await execute({ type: 'leave', system, group, members: { by: 'connections', ids } });
    return answerFor(result);
  },
};

export const getOnlineList: Endpoint = {
  path: '/api/get_online_list',
  privilege: 'read',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const result = await execute({ type: 'listClientIds', system, group: fields.id('groupName') });
    const { clientIds: list } = result;
    return { count: list.length, list, ...missed(result) };
  },
};

/** go-websocket's empty list; an object only where a node that may hold the client did not answer, and nobody knows whether it was done. */
function answerFor(result: MembershipResult): readonly never[] | { readonly missingNodes?: MissingNodes } {
  if (result.unknown.length > 0) throw new YunqueError('unknown_client');
  const unsaid = missed(result);
  return unsaid.missingNodes === undefined ? [] : unsaid;
}
