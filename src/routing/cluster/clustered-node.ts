import type { Execute } from '../../api/command.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { Standing } from '../../api/standing.ts';
import type { Bus } from '../../bus/bus.ts';
import type { BroadcastFigures, Broadcasts, BroadcastTimes } from '../../bus/cluster/broadcasts.ts';
import { Cluster } from '../../bus/cluster/cluster.ts';
import type { Membership } from '../../bus/cluster/membership.ts';
import type { PeerNode, Peers } from '../../bus/peers.ts';
import type { ClusterDirectory, DirectoryLinks } from '../../directory/cluster-directory.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Device } from '../../registry/devices.ts';
import { type Awaitable, after } from '../../util/awaitable.ts';
import { CallOrder } from '../../util/call-order.ts';
import type { Envelope } from '../../wire/cluster/envelope.ts';
import { decodeGroupNotice } from '../../wire/cluster/group-notice.ts';
import { banOf } from '../bans.ts';
import { createExecute } from '../execute.ts';
import type { NodeContext } from '../node-context.ts';
import { PendingLogins } from '../pending-logins.ts';
import { type Arrival, createSessions, type Sessions } from '../sessions.ts';
import { tappedExecute } from '../tail/tapped.ts';
import type { Taps } from '../tail/taps.ts';
import { type Answering, createAnswering } from './answer.ts';
import { createBroadcasts } from './broadcasting.ts';
import { Contested } from './contested.ts';
import { EventNews } from './event-news.ts';
import { type ClusterParts, createClusterExecute } from './execute.ts';
import { GroupNews } from './group-news.ts';
import { GroupPlaces } from './group-places.ts';
import { askNodes, type News, note } from './notes.ts';
import { Placement } from './placement.ts';
import { RouteNews } from './route-news.ts';
import { createSharedNames } from './shared-names.ts';
import { StandingNews } from './standing-news.ts';
import { TailNews } from './tail-news.ts';

export interface ClusteredNodeOptions {
  /** Not started: `start` does. */
  readonly peers: Peers;
  /** Of this node's cids and logins; no other live node has it. */
  readonly lease: number;
  /** The address in this node's clientIds; no other live node has it. */
  readonly clientAddress: string;
  /** The address in a clientId, undefined for what is none. */
  readonly addressIn: (clientId: string) => string | undefined;
  /** Not started: `start` does, and `close` closes it. Takes what is for groups and systems. Absent: all of it goes over the peers. */
  readonly bus?: Bus;
  /** How long broadcasts are waited for, where not as usual. */
  readonly broadcastTimes?: Partial<Omit<BroadcastTimes, 'deadlineMs'>>;
  /**
   * Who is alive: one that is and cannot be reached is absent, and named in results; one that is not is gone, and forgotten. Leases are one.
   * Absent: whoever leaves is gone.
   */
  readonly membership?: Membership;
  /** Further nodes there are to be: one that is not alive is missing from results until it is. */
  readonly expected?: readonly string[];
  /** What is the matter with a node that is missing. */
  readonly whyMissing?: (node: string) => string;
  /** How long the others have to answer, in milliseconds; then the result names those who have not. */
  readonly deadlineMs: number;
  readonly warn: (fields: Readonly<Record<string, unknown>>, text: string) => void;
  /** Told what another node wrote in the stores that all share; resolves when this node's copy knows it. */
  readonly learnStores?: (news: string) => Promise<void>;
  /** A replica of all routes on every node, or a cache of what is written down elsewhere. */
  readonly createDirectory: (links: DirectoryLinks) => ClusterDirectory;
  /** Everything of the node, with these parts in it. */
  readonly createContext: (
    parts: Pick<NodeContext, 'tellOthers' | 'groupsKnown'> & { readonly directory: Directory },
  ) => NodeContext;
}

/** A node as its doors need it, and as a part of a cluster. */
export interface ClusteredNode {
  readonly context: NodeContext;
  /** Over all nodes. */
  readonly execute: Execute;
  readonly sessions: Sessions;
  /** The ids of the other nodes that are alive. */
  readonly nodes: readonly string[];
  /** Users of whom this node is, of those that hold them, the first by name: over all nodes each user once. */
  readonly usersCountedHere: number;
  /** Memberships of other nodes that are kept here, for the notices when they die. */
  readonly keptMemberships: number;
  /** Why what is for groups and systems goes over the peers and not over the bus; undefined: it goes over the bus, or there is none. */
  readonly busFailure: string | undefined;
  /** Undefined where there is no bus. */
  readonly broadcastFigures: BroadcastFigures | undefined;
  /** Follows what happens on all nodes: first the last `backlog` events of each, then each new one, until the returned function is called. */
  subscribe(onEvent: (event: NodeEvent) => void, backlog?: number): () => void;
  /** Copies of what passes at all nodes, until the returned function is called. */
  readonly tail: Taps['open'];
  /** Tells the others how this node is, now and when they join. */
  tellStanding(standing: Standing): void;
  /** What a node that is linked said last; undefined as long as it has said nothing. */
  standingOf(node: string): Standing | undefined;
  /** Tells what was written in the stores; resolves when every node that can be reached knows it, or has not answered in time. */
  tellStores(news: string): Promise<void>;
  /** Closes what a ban that still holds was to end here, and answers how many that are. */
  endBanned(system: string, uid: string): Promise<number>;
  /** Closes what is left here of a system that is no more. */
  endSystem(system: string): Promise<number>;
  /** Resolves when this node knows what the others know: only then may it take clients. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** For the others to hear that this node goes. */
const goodbyeMs = 500;

/** Puts a node and the others together: what is done here, and what they ask, tell and answer. */
export function createClusteredNode(options: ClusteredNodeOptions): ClusteredNode {
  const { peers, lease, clientAddress, deadlineMs, warn } = options;
  const cluster = new Cluster({ peers, deadlineMs, warn, membership: options.membership, expected: options.expected });
  const { createDirectory } = options;
  const contested = new Contested((system, uid) => sessions.contested(system, uid));
  const onContested = (system: string, uid: string) => contested.add(system, uid);
  const routes = new RouteNews({ cluster, lease, createDirectory, onContested });
  const groups = new GroupNews(cluster, () => context);
  const since = cluster.incarnation;
  const events = new EventNews(cluster, () => context.events);
  const tails = new TailNews(cluster, () => context.taps);
  const standings = new StandingNews(cluster);
  const { directory } = routes;
  const places = new GroupPlaces(directory);
  const context = options.createContext({
    directory,
    tellOthers: (notice) => groups.tellOthers(notice),
    groupsKnown: () => places.known(),
  });
  context.registry.watchGroups((system, group, isHere) => places.onGroup(system, group, isHere));
  const placement = new Placement({
    self: cluster.self,
    nodes: () => cluster.others,
    nodesOf: (system, uid) => withUnsure(directory.nodesOf(system, uid)),
    nodesOfGroup: (system, group) => withUnsure(directory.groupNodes(system, group)),
    addressIn: options.addressIn,
  });
  const isUnsure = () => cluster.absent.length > 0 || routes.untold.size > 0;
  /** Besides those that are known to have something: those that may, and have not said so yet. */
  const withUnsure = (known: Awaitable<readonly string[] | undefined>) => {
    if (!isUnsure()) return known;
    return after(known, (nodes) => nodes && [...new Set([...nodes, ...cluster.absent, ...routes.untold])]);
  };
  placement.learn(cluster.self, { lease, clientAddress });
  const pending = new PendingLogins();
  const holders = (system: string, uids: readonly string[]) =>
    after(placement.ofUsers(system, uids), (found) => [...found.keys()]);
  const sessions = createSessions(context, {
    pending,
    arrive: async (system, login) => arrive(cluster, await holders(system, [login.uid]), system, login),
  });
  const here = createExecute(context);
  const { bus, broadcastTimes } = options;
  const times = { ...broadcastTimes, deadlineMs };
  const doPush: Answering['doPush'] = (push) => answering.doPush(push);
  const deaf = () => cluster.nodes.filter((node) => standings.of(node)?.bus === false);
  const broadcasts: Broadcasts | undefined = bus && createBroadcasts({ cluster, bus, deaf, doPush, times });
  const { whyMissing = () => 'does not answer' } = options;
  const parts: ClusterParts = {
    ...{ cluster, placement, here, pending, holders, directory, whyMissing },
    sharedNames: createSharedNames({ self: cluster.self, directory, isUnsure }),
    order: new CallOrder(),
    node: context,
    broadcasts,
  };
  const { learnStores = async () => {} } = options;
  const answering = createAnswering(parts, sessions, learnStores);

  function onJoin(peer: PeerNode): void {
    cluster.tell(peer.id, note('hello', { lease, clientAddress, since }));
    if (broadcasts !== undefined) cluster.tell(peer.id, note('nextBroadcast', { next: broadcasts.next }));
    routes.onJoin(peer);
    groups.onJoin(peer);
    events.onJoin(peer.id);
    tails.onJoin(peer.id);
    standings.onJoin(peer.id);
  }

  function onLeave({ id }: PeerNode): void {
    broadcasts?.onLeave(id);
    routes.onCut(id);
    groups.onLeave(id);
    events.onLeave(id);
    tails.onLeave(id);
    standings.onLeave(id);
  }

  function onGone(node: PeerNode): void {
    const { id } = node;
    broadcasts?.onGone(node);
    // One that is linked has said its name, a worker that is to come back has the one it had; another start of a node may have another.
    const kept = options.expected?.includes(id) ? cluster.others : cluster.nodes;
    if (!kept.includes(id)) placement.forget(id);
    routes.onGone(id);
    groups.onGone(id);
  }

  function onTell(from: PeerNode, envelope: Envelope): void {
    try {
      hear(from, envelope);
    } catch (error) {
      cluster.complain(from.id, nameOf(envelope), { err: error });
    }
  }

  function hear(sender: PeerNode, envelope: Envelope): void {
    const from = sender.id;
    if (envelope.type === 'batch' && envelope.kind === 'routes') {
      routes.onRoutes(sender, envelope.items);
    } else if (envelope.type === 'batch' && envelope.kind === 'notices') {
      for (const item of envelope.items) groups.onNotice(from, decodeGroupNotice(item));
    } else if (envelope.type === 'batch' && envelope.kind === 'receipts') {
      for (const item of envelope.items) broadcasts?.onReceipt(from, item);
    } else if (envelope.type === 'broadcast') {
      broadcasts?.receive(envelope);
    } else if (envelope.type === 'note') {
      hearNote(sender, envelope.name, envelope.body);
    } else {
      cluster.complain(from, nameOf(envelope));
    }
  }

  function hearHello(sender: PeerNode, said: News['hello']): void {
    placement.learn(sender.id, said);
    groups.onHello(sender, said);
  }

  function hearNote(sender: PeerNode, name: string, body: unknown): void {
    const from = sender.id;
    if (name === 'hello') hearHello(sender, body as News['hello']);
    else if (name === 'routesTold') routes.onTold(from, (body as News['routesTold']).clock);
    else if (name === 'routesInDoubt') routes.onDoubt(from);
    else if (name === 'keepMembers') groups.onKeep(sender, body as News['keepMembers']);
    else if (name === 'membersKept') groups.onKept(from, body as News['membersKept']);
    else if (name === 'membersTold') groups.onMembersTold(from, body as News['membersTold']);
    else if (name === 'nextBroadcast') broadcasts?.onNext(sender, (body as News['nextBroadcast']).next);
    else if (name === 'broadcastHole') broadcasts?.onHole(from, body as News['broadcastHole']);
    else if (name === 'leaving') cluster.leaving(sender);
    else if (name === 'watch') events.onWatch(from, body as News['watch']);
    else if (name === 'unwatch') events.onUnwatch(from, body as News['unwatch']);
    else if (name === 'event') events.onEvent(body as News['event']);
    else if (name === 'tap') tails.onTap(from, body as News['tap']);
    else if (name === 'tapped') tails.onTapped(from, body as News['tapped']);
    else if (name === 'standing') standings.onStanding(from, body as News['standing']);
    else cluster.complain(from, name);
  }

  async function onAsk(from: PeerNode, envelope: Envelope): Promise<Envelope> {
    if (envelope.type === 'note' && envelope.name === 'leaving') return hearLeaving(from);
    if (envelope.type === 'note') return answering.answerNote(envelope.name, envelope.body);
    if (envelope.type === 'batch' && envelope.kind === 'pushes') return answering.answerPushes(envelope.items);
    if (envelope.type === 'batch' && envelope.kind === 'routes') return answerRoutes(from, envelope.items);
    onTell(from, envelope);
    return { type: 'done' };
  }

  function hearLeaving(from: PeerNode): Envelope {
    cluster.leaving(from);
    return { type: 'done' };
  }

  function answerRoutes(from: PeerNode, items: readonly Buffer[]): Envelope {
    try {
      return { type: 'batch', kind: 'routes', items: routes.onRoutes(from, items) };
    } catch (error) {
      cluster.complain(from.id, 'routes', { err: error });
      return { type: 'done' };
    }
  }

  return {
    context,
    execute: tappedExecute(createClusterExecute(parts), context.taps),
    sessions,
    get nodes() {
      return cluster.nodes;
    },
    get usersCountedHere() {
      return [...directory.countUsersHere().values()].reduce((sum, users) => sum + users, 0);
    },
    get keptMemberships() {
      return groups.kept;
    },
    get busFailure() {
      return broadcasts?.failure;
    },
    get broadcastFigures() {
      return broadcasts?.figures;
    },
    subscribe: (onEvent, backlog) => events.subscribe(onEvent, backlog),
    tail: (query, onItem) => tails.open(query, onItem),
    tellStores: async (news) => void (await askNodes(cluster, cluster.nodes, 'stores', news)),
    async endBanned(system, uid) {
      const reason = await banOf(context, system, uid);
      if (reason === undefined) return 0;
      const { closed } = await answering.kick({ system, target: { to: 'users', uids: [uid] }, reason, banned: true });
      return closed;
    },
    async endSystem(system) {
      return (await context.systems.has(system)) ? 0 : (await answering.closeSystem({ system })).closed;
    },
    tellStanding: (standing) => standings.tell(standing),
    standingOf: (node) => standings.of(node),
    async start() {
      await directory.start();
      // Before anybody is told of: from then on nothing is missed.
      await broadcasts?.start();
      await cluster.start({ onTell, onAsk, onJoin, onLeave, onGone });
      await routes.whenTold();
    },
    async close() {
      // Answered, so that nobody waits for this node from now on, or misses it.
      await cluster.ask(cluster.nodes, note('leaving', null), goodbyeMs);
      await broadcasts?.close();
      await cluster.close();
      await directory.close();
    },
  };
}

function nameOf(envelope: Envelope): string {
  if (envelope.type === 'note') return envelope.name;
  return envelope.type === 'batch' ? envelope.kind : envelope.type;
}

async function arrive(cluster: Cluster, nodes: readonly string[], system: string, login: Device): Promise<Arrival> {
  const { uid, deviceId, deviceName, channel, loginSequence } = login;
  const device = { uid, deviceId, deviceName, channel, loginSequence };
  const { answers } = await askNodes(cluster, nodes, 'arrive', { system, login: device });
  return {
    newer: [...answers.values()].flatMap(({ newer }) => newer),
    groups: [...answers.values()].flatMap(({ groups }) => groups),
  };
}
