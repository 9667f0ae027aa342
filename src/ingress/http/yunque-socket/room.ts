import type { MemberSelector } from '../../../api/command.ts';
import { YunqueError } from '../../../api/errors.ts';
import type { JsonFields } from '../json-fields.ts';
import type { Endpoint } from './endpoint.ts';

export const joinRoom: Endpoint = {
  path: '/room/join',
  methods: ['POST'],
  privilege: 'push',
  async answer({ execute, system, fields }) {
    return await execute({ type: 'join', system, ...readMembers(fields()) });
  },
};

export const leaveRoom: Endpoint = {
  path: '/room/leave',
  methods: ['POST'],
  privilege: 'push',
  async answer({ execute, system, fields }) {
    return await execute({ type: 'leave', system, ...readMembers(fields()) });
  },
};

/** Users with all their connections, or single connections. */
function readMembers(fields: JsonFields): { group: string; members: MemberSelector } {
  const group = fields.id('room');
  const byUsers = fields.raw('uids') !== undefined;
  if (byUsers === (fields.raw('cids') !== undefined)) {
    throw new YunqueError('bad_request', 'uids or cids is required, and not both', { field: 'uids' });
  }
  if (byUsers) return { group, members: { by: 'users', uids: fields.ids('uids') } };
  return { group, members: { by: 'connections', ids: fields.ids('cids') } };
}
