import { YunqueError } from '../../../api/errors.ts';
import { type Condition, type ConnectionInfo, type ListQuery, pageSize } from '../../../api/listing.ts';
import { readInteger } from '../../../wire/json-fields.ts';
import { missed } from '../missing-nodes.ts';
import type { Call, Endpoint, Query } from './endpoint.ts';

/** The connections of users, a page at a time. GET takes the fields as query parameters, POST as JSON. */
export const getOnlineUser: Endpoint = {
  path: '/getOnlineUser',
  methods: ['GET', 'POST'],
  privilege: 'read',
  async answer(call) {
    const { uid, cursor, limit } = typeof call.body === 'string' ? fromBody(call) : fromQuery(call.query());
    const bound: Condition =
      uid === undefined ? { field: 'uid', op: '!=', value: '' } : { field: 'uid', op: '=', value: uid };
    const query: ListQuery = {
      system: call.system,
      where: [bound],
      ...(cursor !== undefined && { cursor }),
      ...(limit !== undefined && { limit: checkLimit(limit) }),
    };
    const page = await call.execute({ type: 'listConnections', query });
    return { count: page.total, list: page.items.map(rowOf), cursor: page.cursor ?? null, ...missed(page) };
  },
};

interface Asked {
  readonly uid?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

function fromBody(call: Call): Asked {
  const fields = call.fields();
  const limit = fields.raw('limit') === undefined ? undefined : readInteger(fields.members, 'limit');
  return { uid: fields.optionalId('uid'), cursor: fields.optionalId('cursor'), limit };
}

function fromQuery(given: Query): Asked {
  const one = (name: string): string | undefined => {
    const value = given[name];
    if (Array.isArray(value)) throw new YunqueError('bad_request', `${name} may be given once`, { field: name });
    return value === '' ? undefined : value;
  };
  const limit = one('limit');
  return { uid: one('uid'), cursor: one('cursor'), limit: limit === undefined ? undefined : Number(limit) };
}

function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= pageSize.largest) return limit;
  throw new YunqueError('bad_request', `limit must be an integer from 1 to ${pageSize.largest}`, { field: 'limit' });
}

function rowOf(connection: ConnectionInfo) {
  return {
    uid: connection.uid ?? '',
    sid: connection.node,
    cid: connection.cid,
    channel: connection.channel ?? '',
    deviceId: connection.deviceId ?? '',
    deviceName: connection.deviceName ?? '',
    bindTime: connection.boundAt ?? 0,
  };
}
