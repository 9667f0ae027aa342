import type { EventSubject } from '../../src/api/event.ts';
import type { ConnectionEvent } from '../../src/egress/events/connection-event.ts';
import type { SinkRecord } from '../../src/egress/sink.ts';

interface Who {
  readonly cid: string;
  readonly uid?: string;
  readonly system?: string;
}

const subjectOf = ({ cid, uid, system = 'default' }: Who) => {
  const named = uid === undefined ? {} : { uid, deviceId: `device-${cid}`, channel: 'web' };
  return { system, cid, dialect: 'yunque', remoteAddress: '127.0.0.1', ...named } as const;
};

/** What a node emits of a connection. */
export const emitted = {
  connected: (who: Who): EventSubject => ({ type: 'connected', ...subjectOf(who) }),
  bound: (who: Who): EventSubject => ({ type: 'bound', ...subjectOf(who) }),
  disconnected: (who: Who): EventSubject => ({ type: 'disconnected', code: 1006, reason: '', ...subjectOf(who) }),
  joined: (who: Who, group: string): EventSubject => {
    return { type: 'joined', group, userId: 'their-name', extend: 'x', ...subjectOf(who) };
  },
};

export const toldIn = (records: readonly SinkRecord[]): ConnectionEvent[] =>
  records.map(({ body }) => JSON.parse(body));

/** `online c1`, `group joined c1`, `node_down n2`, `gap 3`. */
export function inShort(event: ConnectionEvent): string {
  if (event.type === 'node_up') return `node_up ${event.node} ${event.incarnation}`;
  if (event.type === 'node_down') return `node_down ${event.peer} ${event.peerIncarnation} ${event.cause}`;
  if (event.type === 'gap') return `gap ${event.dropped}`;
  return `${event.type} ${event.cid}`;
}
