import { YunqueError } from '../../../api/errors.ts';
import { yunque } from '../../../wire/proto/push.js';
import { readIds } from '../read-target.ts';
import { decodeWith, pathOf, type UnaryMethod } from './method.ts';

const { OnlineRequest, OnlineReply } = yunque.v1;

export const online: UnaryMethod = {
  path: pathOf('Online'),
  privilege: 'read',
  isRepeatable: false,
  async answer({ execute, system, limits }, bytes) {
    const { uids, ids } = decodeWith((each) => OnlineRequest.decode(each), bytes);
    if (uids.length + ids.length === 0) {
      throw new YunqueError('bad_request', 'uids or ids is required', { field: 'uids' });
    }
    const found = await execute({
      type: 'online',
      system,
      ...(uids.length > 0 && { uids: readIds(uids, limits, 'uids') }),
      ...(ids.length > 0 && { ids: readIds(ids, limits, 'ids') }),
    });
    const { users, connections, missingNodes = [] } = found;
    return OnlineReply.encode({
      users: { ...users },
      connections: { ...connections },
      missing_nodes: [...missingNodes],
    }).finish();
  },
};
