import { YunqueError } from '../../../api/errors.ts';
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
    if (result.unknown.length > 0) throw new YunqueError('unknown_client');
    return [];
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
    if (result.unknown.length > 0) throw new YunqueError('unknown_client');
    return [];
  },
};

export const getOnlineList: Endpoint = {
  path: '/api/get_online_list',
  privilege: 'read',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const list = await execute({ type: 'listClientIds', system, group: fields.id('groupName') });
    return { count: list.length, list };
  },
};
