import { probeSystem } from '../api/system.ts';
import type { Connection, Identity } from '../registry/connection.ts';
import { displacedBy, displacerOf } from '../registry/devices.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import { banOf } from './bans.ts';
import type { NodeContext } from './node-context.ts';
import { announce } from './notices.ts';

/** What a client says of itself when it binds. */
export type BindRequest = Pick<Identity, 'uid' | 'deviceId' | 'deviceName' | 'channel'>;

/** The life of a connection, as the client's door reports it. */
export interface Sessions {
  /** From here on the connection receives messages. */
  open(connection: Connection): void;
  /**
   * Gives an open or new connection its user, and ends the connections this login displaces: the same device without a
   * word, another one of the same class with 999, all with 4005; of two such logins the higher number stays, in whichever order they
   * come here. `beforeOpen` runs once the login is known and before the first message can arrive. False when the connection
   * closed meanwhile, its system was removed, its user is banned (4503), or a newer login was faster.
   */
  bind(connection: Connection, request: BindRequest, beforeOpen: () => void): Promise<boolean>;
  /** What a user who is banned is to be told; undefined for all others. */
  banOf(system: string, uid: string): Promise<string | undefined>;
  /** Forgets a connection that has ended and tells its groups. Once per connection. `code` is the WebSocket close code. */
  close(connection: Connection, code: number, reason: string): Promise<void>;
}

export function createSessions(node: NodeContext): Sessions {
  const subject = (connection: Connection) => ({
    system: connection.system,
    cid: String(connection.cid),
    dialect: connection.dialect,
    remoteAddress: connection.remoteAddress,
    ...(connection.clientId !== undefined && { clientId: connection.clientId }),
    ...(connection.identity && { uid: connection.identity.uid }),
  });

  function open(connection: Connection): void {
    if (!node.registry.add(connection)) return;
    if (connection.dialect === 'json') node.registry.clientIdOf(connection);
    if (connection.system !== probeSystem) node.events.emit({ type: 'connected', ...subject(connection) });
  }

  async function bind(connection: Connection, request: BindRequest, beforeOpen: () => void): Promise<boolean> {
    const { system, cid } = connection;
    const route = { system, uid: request.uid, node: node.nodeId, cid };
    const loginSequence = await node.directory.login(route);
    const systemExists = await node.systems.has(system);
    const ban = await banOf(node, system, request.uid);
    const identity: Identity = { ...request, boundAt: Date.now(), loginSequence };
    if (!systemExists) connection.close('unknown_system');
    else if (ban !== undefined) connection.close('kicked', ban);
    else yieldToNewer(connection, identity);
    if (!connection.isOpen) {
      await node.directory.logout({ ...route, loginSequence });
      return false;
    }
    beforeOpen();
    // Closed but not yet forgotten while the newcomer is bound: the user keeps its groups.
    displace(system, identity);
    open(connection);
    const joined = node.registry.bind(connection, identity);
    node.events.emit({ type: 'bound', deviceId: identity.deviceId, channel: identity.channel, ...subject(connection) });
    announce(node, 'online', system, joined);
    return true;
  }

  const connectionsOf = (system: string, uid: string): Iterable<Connection> =>
    node.registry.system(system)?.users.get(uid)?.connections ?? [];

  /** Ends the connection whose login has been overtaken by one that would have displaced it. */
  function yieldToNewer(connection: Connection, identity: Identity): void {
    const open = [...connectionsOf(connection.system, identity.uid)].filter((c) => c.isOpen && c !== connection);
    const displacer = displacerOf(identity, open, node.devices);
    if (displacer === undefined) return;
    const { newer, how } = displacer;
    endReplaced(newer, how === 'silently' ? [connection] : [], how === 'told' ? [connection] : []);
  }

  function displace(system: string, newer: Identity): void {
    const { silently, told } = displacedBy(newer, connectionsOf(system, newer.uid), node.devices);
    endReplaced(newer, silently, told);
  }

  function endReplaced(newer: Identity, silently: readonly Connection[], told: readonly Connection[]): void {
    if (told.length > 0) {
      const { uid, deviceName } = newer;
      const replaced = new PreparedMessage(
        { kind: 'replaced', messageId: node.newMessageId(), uid, deviceName },
        node.codecs,
      );
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

  async function close(connection: Connection, code: number, reason: string): Promise<void> {
    const { identity, system } = connection;
    const left = node.registry.remove(connection);
    if (system === probeSystem) return;
    node.counters.disconnect(code);
    if (left === undefined) return;
    node.events.emit({ type: 'disconnected', code, reason, ...subject(connection) });
    announce(node, 'offline', system, left);
    if (identity !== undefined) {
      const { uid, loginSequence } = identity;
      await node.directory.logout({ system, uid, node: node.nodeId, cid: connection.cid, loginSequence });
    }
  }

  return { open, bind, banOf: (system, uid) => banOf(node, system, uid), close };
}
