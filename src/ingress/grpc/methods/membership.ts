import type { MembershipResult } from '../../../api/command.ts';
import { yunque } from '../../../wire/proto/push.js';
import { readId, readMembers } from '../read-target.ts';
import { decodeWith, pathOf, type UnaryMethod } from './method.ts';

const { JoinRequest, LeaveRequest, MembershipReceipt } = yunque.v1;

export const join: UnaryMethod = {
  path: pathOf('Join'),
  privilege: 'push',
  isRepeatable: false,
  async answer({ execute, system, limits }, bytes) {
    const { group, members, user_id, extend } = decodeWith((each) => JoinRequest.decode(each), bytes);
    return encode(
      await execute({
        type: 'join',
        system,
        group: readId(group, limits, 'group'),
        members: readMembers(members, limits),
        ...(user_id !== '' && { userId: user_id }),
        ...(extend !== '' && { extend }),
      }),
    );
  },
};

export const leave: UnaryMethod = {
  path: pathOf('Leave'),
  privilege: 'push',
  isRepeatable: false,
  async answer({ execute, system, limits }, bytes) {
    const { group, members } = decodeWith((each) => LeaveRequest.decode(each), bytes);
    return encode(
      await execute({
        type: 'leave',
        system,
        group: readId(group, limits, 'group'),
        members: readMembers(members, limits),
      }),
    );
  },
};

function encode({ matched, changed, unknown, missingNodes = [] }: MembershipResult): Uint8Array {
  return MembershipReceipt.encode({
    matched,
    changed,
    unknown: [...unknown],
    missing_nodes: [...missingNodes],
  }).finish();
}
