import type { EventSubject } from '../api/event.ts';
import type { ConnectionEnd } from '../api/history.ts';
import type { Connection, Identity } from '../registry/connection.ts';
import type { Registry } from '../registry/registry.ts';

/** What events say of a connection. `identity`: of one that is about to be bound. */
export function subjectOf(connection: Connection, identity: Identity | undefined = connection.identity) {
  const { system, cid, dialect, remoteAddress, clientId } = connection;
  return {
    system,
    cid: String(cid),
    ...(clientId !== undefined && { clientId }),
    dialect,
    remoteAddress,
    ...(identity !== undefined && { uid: identity.uid, deviceId: identity.deviceId, channel: identity.channel }),
  };
}

/** How it stands now that it ends. */
export function endOf({ connectedAt, idleMs, delivered, dropped, queueBytes }: Connection): ConnectionEnd {
  return {
    ageSeconds: Math.max(0, Math.floor((Date.now() - connectedAt) / 1000)),
    idleSeconds: Math.floor(idleMs / 1000),
    delivered,
    dropped,
    queueBytes,
  };
}

/** All that is connected here, as if it came now: for those who have to be told again. */
export function* standingSubjects(registry: Pick<Registry, 'connections'>): Generator<EventSubject> {
  for (const connection of registry.connections) {
    const subject = subjectOf(connection);
    yield { type: 'connected', ...subject };
    if (connection.identity !== undefined) yield { type: 'bound', ...subject };
    for (const [group, { userId, extend }] of connection.groups ?? []) {
      yield { type: 'joined', group: group.name, userId, extend, ...subject };
    }
  }
}
