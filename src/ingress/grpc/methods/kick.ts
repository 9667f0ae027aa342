import { YunqueError } from '../../../api/errors.ts';
import { yunque } from '../../../wire/proto/push.js';
import { readTarget } from '../read-target.ts';
import { decodeWith, pathOf, type UnaryMethod } from './method.ts';

const { KickRequest, KickReceipt } = yunque.v1;

/** Characters; as on the admin API, a close frame has no room for more. */
const longestReason = 100;

export const kick: UnaryMethod = {
  path: pathOf('Kick'),
  privilege: 'close',
  isRepeatable: false,
  async answer({ execute, system, limits }, bytes) {
    const { target, reason } = decodeWith((each) => KickRequest.decode(each), bytes);
    if (reason.length > longestReason) {
      const field = 'reason';
      throw new YunqueError('bad_request', `reason must not be longer than ${longestReason} characters`, { field });
    }
    const kicked = await execute({
      type: 'kick',
      system,
      target: readTarget(target, limits, 'target'),
      ...(reason !== '' && { reason }),
    });
    const { matched, closed, missingNodes = [] } = kicked;
    return KickReceipt.encode({ matched, closed, missing_nodes: [...missingNodes] }).finish();
  },
};
