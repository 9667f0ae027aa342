import { YunqueError } from '../../../api/errors.ts';
import type { Endpoint } from './endpoint.ts';

/** Whether a connection, or any connection bound to a user, is there. An id that nobody holds is offline, not an error. */
export const isOnline: Endpoint = {
  path: '/api/is_online',
  privilege: 'read',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const id = fields.optionalId('clientId');
    const uid = fields.optionalId('userId');
    if (id === undefined && uid === undefined) fields.missing('clientId');
    const asked = { ...(id !== undefined && { ids: [id] }), ...(uid !== undefined && { uids: [uid] }) };
    const { users, connections } = await execute({ type: 'online', system, ...asked });
    const counts = [...Object.values(users), ...Object.values(connections)];
    return { online: counts.some((n) => n > 0), connections: Math.max(0, ...counts) };
  },
};

export const closeClient: Endpoint = {
  path: '/api/close_client',
  privilege: 'close',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const ids = [fields.id('clientId')];
    const { matched } = await execute({ type: 'kick', system, target: { to: 'connections', ids } });
    if (matched === 0) throw new YunqueError('unknown_client');
    return {};
  },
};
