import type { MemberSelector } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { Exclusion, Target } from '../../api/target.ts';
import type { yunque } from '../../wire/proto/push.js';
import { isLongerThan } from '../http/json-fields.ts';
import { english } from '../http/wording.ts';
import type { GrpcLimits } from './options.ts';

const choices = 'connections, users, user_connections, device, groups and everyone';

/** What a target is called in the .proto, and what it is. All readers throw `bad_request`, naming the field. */
export function readTarget(
  target: yunque.v1.Target.$Properties | null | undefined,
  limits: GrpcLimits,
  at: string,
): Target {
  const { connections, users, user_connections, device, groups, everyone } = target ?? {};
  const ids = (list: readonly string[] | null | undefined, name: string) =>
    readIds(list ?? [], limits, `${at}.${name}`);
  const id = (text: string | null | undefined, name: string) => readId(text ?? '', limits, `${at}.${name}`);
  if ([connections, users, user_connections, device, groups, everyone].filter((each) => each != null).length !== 1) {
    throw new YunqueError('bad_request', english.missing(at), { field: at, hint: `one of ${choices}` });
  }
  if (connections != null) return { to: 'connections', ids: ids(connections.ids, 'connections.ids') };
  if (users != null) return { to: 'users', uids: ids(users.uids, 'users.uids') };
  if (user_connections != null) {
    return {
      to: 'userConnections',
      uids: ids(user_connections.uids, 'user_connections.uids'),
      ids: ids(user_connections.ids, 'user_connections.ids'),
    };
  }
  if (device != null) {
    return { to: 'device', uid: id(device.uid, 'device.uid'), deviceId: id(device.device_id, 'device.device_id') };
  }
  if (groups != null) return { to: 'groups', groups: ids(groups.groups, 'groups.groups') };
  return { to: 'system' };
}

export function readExclusion(
  { uids, ids }: yunque.v1.Exclusion.$Properties,
  limits: GrpcLimits,
  at: string,
): Exclusion {
  return {
    ...(uids != null && uids.length > 0 && { uids: readIds(uids, limits, `${at}.uids`) }),
    ...(ids != null && ids.length > 0 && { ids: readIds(ids, limits, `${at}.ids`) }),
  };
}

export function readMembers(
  members: yunque.v1.Members.$Properties | null | undefined,
  limits: GrpcLimits,
): MemberSelector {
  const { connections, users } = members ?? {};
  if ((connections == null) === (users == null)) {
    throw new YunqueError('bad_request', english.missing('members'), {
      field: 'members',
      hint: 'one of connections and users',
    });
  }
  if (connections != null) {
    return { by: 'connections', ids: readIds(connections.ids ?? [], limits, 'members.connections.ids') };
  }
  return { by: 'users', uids: readIds(users?.uids ?? [], limits, 'members.users.uids') };
}

/** At least one, and none of them empty. */
export function readIds(ids: readonly string[], limits: GrpcLimits, field: string): readonly string[] {
  if (ids.length === 0) throw new YunqueError('bad_request', english.missing(field), { field });
  if (ids.length > limits.batch) {
    throw new YunqueError('bad_request', english.tooMany(field, limits.batch), { field });
  }
  for (const id of ids) readId(id, limits, field);
  return ids;
}

export function readId(id: string, { idBytes }: GrpcLimits, field: string): string {
  if (id === '') throw new YunqueError('bad_request', english.missing(field), { field });
  if (isLongerThan(id, idBytes)) throw new YunqueError('bad_request', english.tooLong(field, idBytes), { field });
  return id;
}
