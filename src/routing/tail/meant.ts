import type { Exclusion, Target } from '../../api/target.ts';
import type { Connection } from '../../registry/connection.ts';
import type { SystemIndex } from '../../registry/system-index.ts';

/** Whether a push is for this connection, as it stands now. `index`: of the system of both. */
export function isMeant(connection: Connection, index: SystemIndex, target: Target, exclude?: Exclusion): boolean {
  if (!isTarget(connection, index, target)) return false;
  return exclude === undefined || !(hasUser(exclude.uids, connection) || hasRef(exclude.ids, connection));
}

function isTarget(connection: Connection, index: SystemIndex, target: Target): boolean {
  switch (target.to) {
    case 'connections':
      return hasRef(target.ids, connection);
    case 'users':
      return hasUser(target.uids, connection);
    case 'userConnections':
      return hasUser(target.uids, connection) && hasRef(target.ids, connection);
    case 'device':
      return connection.identity?.uid === target.uid && connection.identity.deviceId === target.deviceId;
    case 'groups':
      return target.groups.some((group) => index.groups.get(group)?.members.has(connection) === true);
    case 'system':
      return true;
    default:
      return target satisfies never;
  }
}

function hasUser(uids: readonly string[] | undefined, { identity }: Connection): boolean {
  return uids !== undefined && identity !== undefined && uids.includes(identity.uid);
}

/** A ref is a clientId in either spelling, or a cid as text. */
function hasRef(refs: readonly string[] | undefined, { cid, clientId }: Connection): boolean {
  if (refs === undefined) return false;
  const cidText = String(cid);
  if (clientId === undefined) return refs.includes(cidText);
  const inUrls = clientId.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return refs.some(
    (ref) => ref === cidText || ref === clientId || (ref.startsWith(inUrls) && /^=*$/.test(ref.slice(inUrls.length))),
  );
}
