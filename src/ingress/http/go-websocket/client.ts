import { YunqueError } from '../../../api/errors.ts';
import { missed } from '../missing-nodes.ts';
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
    const result = await execute({ type: 'online', system, ...asked });
    const { users, connections } = result;
    const counts = [...Object.values(users), ...Object.values(connections)];
    return { online: counts.some((n) => n > 0), connections: Math.max(0, ...counts), ...missed(result) };
  },
};

export const closeClient: Endpoint = {
  path: '/api/close_client',
  privilege: 'close',
  takesSystem: true,
  async answer({ execute, system, fields }) {
    const ids = [fields.id('clientId')];
    const result = await execute({ type: 'kick', system, target: { to: 'connections', ids } });
    const unsaid = missed(result);
    if (result.matched === 0 && unsaid.missingNodes === undefined) throw new YunqueError('unknown_client');
    return unsaid;
  },
};
