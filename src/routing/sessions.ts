import { probeSystem } from '../api/system.ts';
import type { Connection, Identity } from '../registry/connection.ts';
import { type Device, displacedBy, displacerOf } from '../registry/devices.ts';
import { joinGroupAsUser } from '../registry/groups.ts';
import type { MembershipChange } from '../registry/system-index.ts';
import { type Awaitable, after } from '../util/awaitable.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import { banOf } from './bans.ts';
import { endOf, subjectOf } from './connection-subjects.ts';
import type { NodeContext } from './node-context.ts';
import { announce } from './notices.ts';
import type { PendingLogins } from './pending-logins.ts';

/** What a client says of itself when it binds. */
export type BindRequest = Pick<Identity, 'uid' | 'deviceId' | 'deviceName' | 'channel'>;

/** A group that a user is in with all its connections. */
export interface UserGroup {
  readonly group: string;
  readonly userId: string;
  readonly extend: string;
}

/** What the nodes that hold a user say to a login of it elsewhere. */
export interface Arrival {
  /** A login that is bound there, and would have displaced this one. */
  readonly newer: readonly Device[];
  readonly groups: readonly UserGroup[];
}

/** The rest of the cluster, as a login meets it. */
export interface OtherNodes {
  /**
   * Tells the nodes that hold the user of a login that will be bound now: what it displaces there has ended when this
   * resolves. Never rejects.
   */
  arrive(system: string, login: Device): Promise<Arrival>;
  readonly pending: PendingLogins;
}

/** The life of a connection, as the client's door reports it. */
export interface Sessions {
  /** From here on the connection receives messages. */
  open(connection: Connection): void;
  /**
   * Gives an open or new connection its user, and ends the connections this login displaces: the same device without a
   * word, another one of the same class with 999, all with 4005; of two such logins the higher number stays, in whichever order they
   * come here. `beforeOpen` runs once the login is known and before the first message can arrive. False when the connection
   * closed meanwhile, its system was removed, its user is banned (4503), or a newer login was faster. At once where nobody has to be asked.
   */
  bind(connection: Connection, request: BindRequest, beforeOpen: () => void): Awaitable<boolean>;
  /** What a user who is banned is to be told; undefined for all others. */
  banOf(system: string, uid: string): Awaitable<string | undefined>;
  /** Forgets a connection that has ended and tells its groups. Once per connection. `code` is the WebSocket close code. */
  close(connection: Connection, code: number, reason: string): Awaitable<void>;
}

/** As the other nodes meet them, too. */
export interface SharedSessions extends Sessions {
  /** A login of this user is about to be bound on another node: ends what it displaces here. */
  arrived(system: string, login: Device): Arrival;
  /**
   * The user is on another node, too, and the two may not know of each other: asks that one as a login does, for each
   * connection of the user here. Of two logins that exclude each other the newer stays. Never rejects.
   */
  contested(system: string, uid: string): Promise<void>;
}

const nobody: readonly Connection[] = [];

/** `others` where there are other nodes. */
export function createSessions(node: NodeContext, others?: OtherNodes): SharedSessions {
  /** `identity`: that it is about to be bound to. */
  function open(connection: Connection, identity?: Identity): void {
    if (!node.registry.add(connection)) return;
    if (connection.dialect === 'json') node.registry.clientIdOf(connection);
    if (connection.system === probeSystem) return;
    node.events.emit({ type: 'connected', ...subjectOf(connection, identity) });
  }

  function bind(connection: Connection, request: BindRequest, beforeOpen: () => void): Awaitable<boolean> {
    if (others !== undefined) return bindAmongOthers(others, connection, request, beforeOpen);
    const { uid } = request;
    return after(node.directory.login(routeOf(connection, uid)), (loginSequence) =>
      after(endIfRefused(connection, uid), () => {
        const identity = identityOf(request, loginSequence);
        yieldToNewer(connection, identity, []);
        if (!connection.isOpen) return giveUp(connection, identity);
        return after(admit(connection, identity, beforeOpen), () => true);
      }),
    );
  }

  async function bindAmongOthers(
    { pending: logins, arrive }: OtherNodes,
    connection: Connection,
    request: BindRequest,
    beforeOpen: () => void,
  ): Promise<boolean> {
    const { system } = connection;
    const { uid } = request;
    const pending = logins.begin(system, uid);
    try {
      const loginSequence = await node.directory.login(routeOf(connection, uid));
      await endIfRefused(connection, uid);
      const identity = identityOf(request, loginSequence);
      let arrival: Arrival | undefined;
      if (connection.isOpen) {
        arrival = await arrive(system, identity);
        if (pending.mustCheckAgain) await endIfRefused(connection, uid);
      }
      yieldToNewer(connection, identity, [...(arrival?.newer ?? []), ...pending.arrivals]);
      if (!connection.isOpen) return await giveUp(connection, identity);
      const groups = (arrival?.groups ?? []).filter(({ group }) => !pending.removedGroups.has(group));
      await admit(connection, identity, beforeOpen, groups);
      return true;
    } finally {
      pending.end();
    }
  }

  const routeOf = ({ system, cid }: Connection, uid: string) => ({ system, uid, node: node.nodeId, cid });

  function identityOf({ uid, deviceId, deviceName, channel }: BindRequest, loginSequence: number): Identity {
    return { uid, deviceId, deviceName, channel, boundAt: Date.now(), loginSequence };
  }

  function giveUp(connection: Connection, { uid, loginSequence }: Identity): Awaitable<false> {
    return after(node.directory.logout({ ...routeOf(connection, uid), loginSequence }), () => false);
  }

  /** `groups`: those the user is in on other nodes. */
  function admit(
    connection: Connection,
    identity: Identity,
    beforeOpen: () => void,
    groups: readonly UserGroup[] = [],
  ): Awaitable<void> {
    const { system } = connection;
    const { uid } = identity;
    beforeOpen();
    // Closed but not yet forgotten while the newcomer is bound: the user keeps its groups.
    displace(system, identity);
    open(connection, identity);
    const joined = node.registry.bind(connection, identity);
    if (groups.length > 0) joined.push(...joinAsUser(system, uid, groups));
    node.events.emit({ type: 'bound', ...subjectOf(connection) });
    if (joined.length === 0) return;
    const told = announce(node, 'online', system, joined);
    const known = node.groupsKnown?.();
    return known === undefined ? told : Promise.all([told, known]).then(() => {});
  }

  /** Asked when the login is known: who is banned, or whose system is removed, from then on is closed with all others. */
  function endIfRefused(connection: Connection, uid: string): Awaitable<void> {
    return after(node.systems.has(connection.system), (systemExists) =>
      after(banOf(node, connection.system, uid), (ban) => {
        if (!systemExists) connection.close('unknown_system');
        else if (ban !== undefined) connection.close('kicked', ban);
      }),
    );
  }

  /** The groups the user is in on other nodes. */
  function joinAsUser(system: string, uid: string, groups: readonly UserGroup[]): MembershipChange[] {
    const index = node.registry.system(system);
    const user = index?.users.get(uid);
    if (index === undefined || user === undefined) return [];
    return groups.flatMap(({ group, userId, extend }) => joinGroupAsUser(index, group, user, { userId, extend }));
  }

  const openOf = (system: string, uid: string): readonly Connection[] => {
    const connections = node.registry.system(system)?.users.get(uid)?.connections;
    return connections === undefined ? nobody : [...connections].filter((c) => c.isOpen);
  };

  /** Ends the connection whose login has been overtaken by one that would have displaced it, here or on another node. */
  function yieldToNewer(connection: Connection, identity: Identity, elsewhere: readonly Device[]): void {
    if (!connection.isOpen) return;
    const others = openOf(connection.system, identity.uid);
    if (others.length === 0 && elsewhere.length === 0) return;
    const open = others.filter((c) => c !== connection);
    const logins = [...open, ...elsewhere.map((device) => ({ identity: device }))];
    const displacer = displacerOf(identity, logins, node.devices);
    if (displacer === undefined) return;
    const { newer, how } = displacer;
    endReplaced(newer, how === 'silently' ? [connection] : [], how === 'told' ? [connection] : []);
  }

  function arrived(system: string, login: Device): Arrival {
    const index = node.registry.system(system);
    const user = index?.users.get(login.uid);
    const groups = [...(user?.groups ?? [])].flatMap(({ name, users }): UserGroup[] => {
      const labels = users.get(login.uid);
      return labels === undefined ? [] : [{ group: name, userId: labels.userId, extend: labels.extend }];
    });
    for (const pending of others?.pending.of(system, login.uid) ?? []) pending.arrivals.push(login);
    const newer = openOf(system, login.uid).flatMap(({ identity }) => {
      const displaces = identity && displacerOf(login, [{ identity }], node.devices) !== undefined;
      return displaces ? [deviceOf(identity)] : [];
    });
    displace(system, login);
    return { newer, groups };
  }

  async function contested(system: string, uid: string): Promise<void> {
    if (others === undefined) return;
    for (const connection of openOf(system, uid)) {
      const { identity } = connection;
      if (identity === undefined) continue;
      const { newer, groups } = await others.arrive(system, deviceOf(identity));
      yieldToNewer(connection, identity, newer);
      const joined = connection.isOpen && groups.length > 0 ? joinAsUser(system, uid, groups) : [];
      if (joined.length > 0) await announce(node, 'online', system, joined);
    }
  }

  function displace(system: string, newer: Device): void {
    const held = openOf(system, newer.uid);
    if (held.length === 0) return;
    const { silently, told } = displacedBy(newer, held, node.devices);
    endReplaced(newer, silently, told);
  }

  function endReplaced(newer: Device, silently: readonly Connection[], told: readonly Connection[]): void {
    if (told.length > 0) {
      const { uid, deviceName } = newer;
      const message = { kind: 'replaced', messageId: node.newMessageId(), uid, deviceName } as const;
      if (node.taps.isOpen) node.taps.onReplaced(told, message);
      const replaced = new PreparedMessage(message, node.codecs);
      for (const connection of told) {
        const frame = replaced.frameFor(connection.dialect);
        if (frame !== undefined) connection.write(frame);
      }
    }
    for (const connection of [...silently, ...told]) {
      node.events.emit({
        type: 'replaced',
        system: connection.system,
        cid: String(connection.cid),
        uid: newer.uid,
        reason: newer.deviceName,
      });
      connection.close('replaced');
    }
  }

  function close(connection: Connection, code: number, reason: string): Awaitable<void> {
    const { identity, system } = connection;
    const left = node.registry.remove(connection);
    if (system === probeSystem) return;
    node.counters.disconnect(code);
    if (left === undefined) return;
    node.events.emit({ type: 'disconnected', code, reason, ...subjectOf(connection), end: endOf(connection) });
    const told = left.length > 0 ? announce(node, 'offline', system, left) : undefined;
    if (identity === undefined) return told;
    const { uid, loginSequence } = identity;
    const loggedOut = node.directory.logout({ ...routeOf(connection, uid), loginSequence });
    return told === undefined ? loggedOut : Promise.all([loggedOut, told]).then(() => {});
  }

  return {
    open: (connection) => open(connection),
    bind,
    banOf: (system, uid) => banOf(node, system, uid),
    arrived,
    contested,
    close,
  };
}

function deviceOf({ uid, deviceId, deviceName, channel, loginSequence }: Identity): Device {
  return { uid, deviceId, deviceName, channel, loginSequence };
}
