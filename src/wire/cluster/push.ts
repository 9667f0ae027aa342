import type { PushCommand } from '../../api/command.ts';
import type { EncodedForm, Message } from '../../api/message.ts';
import type { Target } from '../../api/target.ts';
import { DecodeError } from '../codec.ts';
import { cluster } from '../proto/cluster.js';
import { decodeWith, encodeWith } from './items.ts';
import { messageFromFields, messageToFields } from './message.ts';

/** What another node needs of a push; its door has counted it. */
export type RemotePush = Omit<PushCommand, 'type' | 'door' | 'message'> & {
  readonly message: Message | EncodedForm;
};

export function encodePush(push: RemotePush): Buffer {
  const { system, target, message, exclude, nodes, class: messageClass } = push;
  return encodeWith(cluster.Push, {
    system,
    target: targetToFields(target),
    message: messageToFields(message),
    ...(nodes !== undefined && { onlyNodes: true, nodes: [...nodes] }),
    excludeUids: [...(exclude?.uids ?? [])],
    excludeIds: [...(exclude?.ids ?? [])],
    className: messageClass?.name ?? '',
    classKey: messageClass?.key ?? '',
  });
}

/** Throws `DecodeError` and nothing else. */
export function decodePush(bytes: Buffer): RemotePush {
  return decodeWith(cluster.Push, bytes, (fields) => {
    const { system, target, message, onlyNodes, nodes, excludeUids, excludeIds, className, classKey } = fields;
    const excludes = excludeUids.length + excludeIds.length > 0;
    return {
      system,
      target: targetFromFields(target),
      message: messageFromFields(message),
      ...(onlyNodes && { nodes }),
      ...(excludes && { exclude: { uids: excludeUids, ids: excludeIds } }),
      ...(className !== '' && { class: { name: className, key: classKey } }),
    };
  });
}

const { To } = cluster;

function targetToFields(target: Target): cluster.Target.$Properties {
  switch (target.to) {
    case 'connections':
      return { to: To.CONNECTIONS, ids: [...target.ids] };
    case 'users':
      return { to: To.USERS, uids: [...target.uids] };
    case 'userConnections':
      return { to: To.USER_CONNECTIONS, uids: [...target.uids], ids: [...target.ids] };
    case 'device':
      return { to: To.DEVICE, uids: [target.uid], deviceId: target.deviceId };
    case 'groups':
      return { to: To.GROUPS, groups: [...target.groups] };
    case 'system':
      return { to: To.SYSTEM };
    default:
      return target satisfies never;
  }
}

/** A target that is not known reaches nobody: the push is refused. */
function targetFromFields(fields: cluster.Target.$Properties | null | undefined): Target {
  const { to, ids = [], uids = [], deviceId = '', groups = [] } = fields ?? {};
  switch (to) {
    case To.CONNECTIONS:
      return { to: 'connections', ids: ids ?? [] };
    case To.USERS:
      return { to: 'users', uids: uids ?? [] };
    case To.USER_CONNECTIONS:
      return { to: 'userConnections', uids: uids ?? [], ids: ids ?? [] };
    case To.DEVICE:
      return { to: 'device', uid: uids?.[0] ?? '', deviceId: deviceId ?? '' };
    case To.GROUPS:
      return { to: 'groups', groups: groups ?? [] };
    case To.SYSTEM:
      return { to: 'system' };
    default:
      throw new DecodeError(`no target is called ${to}`);
  }
}
