import type { NodeEvent } from '../../api/event.ts';
import type { ConnectionInfo } from '../../api/listing.ts';
import type { TailCopy } from '../../api/tail.ts';
import type { Subject } from '../state/subject.ts';
import type { View } from '../state/view-state.ts';
import type { RowOf } from './columns.ts';

const subjectOfView: { readonly [V in View]: (row: RowOf[V]) => Subject | undefined } = {
  nodes: () => undefined,
  clients: clientSubject,
  slow: clientSubject,
  groups: ({ system, group, members }) => ({ kind: 'group', system, group, receivers: members }),
  systems: ({ system, connections }) => ({ kind: 'system', system, receivers: connections }),
  messages: ({ item }) => copySubject(item),
  events: ({ item }) => eventSubject(item),
  queues: () => undefined,
};

/** Whom a row is about; undefined where there is nobody to act on. */
export function subjectOf<V extends View>(view: V, row: RowOf[V]): Subject | undefined {
  return subjectOfView[view](row);
}

/** `client 1001 of alice`, `group vip`, … */
export function nameOfSubject(subject: Subject): string {
  switch (subject.kind) {
    case 'client':
      return subject.uid === undefined ? `client #${subject.cid}` : `client #${subject.cid} of ${subject.uid}`;
    case 'user':
      return `user ${subject.uid}`;
    case 'group':
      return `group ${subject.group}`;
    case 'system':
      return `system ${subject.system}`;
  }
}

function clientSubject({ system, cid, uid }: Pick<ConnectionInfo, 'system' | 'cid' | 'uid'>): Subject {
  return { kind: 'client', system, cid, ...(uid !== undefined && { uid }), receivers: 1 };
}

/** The connection it was seen at, else the first it is for. */
function copySubject({ system, cid, uid, target }: TailCopy): Subject | undefined {
  if (cid !== undefined) return clientSubject({ system, cid, ...(uid !== undefined && { uid }) });
  switch (target?.to) {
    case undefined:
      return undefined;
    case 'connections': {
      const [id] = target.ids;
      return id === undefined ? undefined : { kind: 'client', system, cid: id, receivers: 1 };
    }
    case 'users':
    case 'userConnections': {
      const [first] = target.uids;
      return first === undefined ? undefined : { kind: 'user', system, uid: first };
    }
    case 'device':
      return { kind: 'user', system, uid: target.uid };
    case 'groups': {
      const [group] = target.groups;
      return group === undefined ? undefined : { kind: 'group', system, group };
    }
    case 'system':
      return { kind: 'system', system };
  }
}

function eventSubject(event: NodeEvent): Subject | undefined {
  if ('cid' in event) return clientSubject(event);
  if (event.type === 'banned' || event.type === 'unbanned')
    return { kind: 'user', system: event.system, uid: event.uid };
  return event.type === 'system_added' ? { kind: 'system', system: event.system } : undefined;
}
