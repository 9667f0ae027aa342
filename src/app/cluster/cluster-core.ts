import type { Standing } from '../../api/standing.ts';
import type { BroadcastFigures } from '../../bus/cluster/broadcasts.ts';
import type { PeerNode } from '../../bus/peers.ts';
import { RpcPeers } from '../../bus/rpc/peers.ts';
import { WatchedBus } from '../../bus/watched-bus.ts';
import { clusterSecretOf } from '../../config/cluster-secret.ts';
import type { MemberInfo, Reentry } from '../../directory/leases.ts';
import { type ClusteredNode, createClusteredNode } from '../../routing/cluster/clustered-node.ts';
import type { Logger } from '../../telemetry/log.ts';
import { anyAddress, intranetAddress } from '../../util/address.ts';
import { createCids } from '../../util/cids.ts';
import { decodeClientId } from '../../wire/client-id.ts';
import { type Core, type CoreOptions, createContext } from '../core.ts';
import type { ClusterSide } from '../node-stats.ts';
import type { Owned } from '../owned.ts';
import type { ReloadPart } from '../reload.ts';
import { textOfPlace } from '../server-files.ts';
import { createEngine } from './engine.ts';
import { membershipOfLeases, membersOfLeases } from './lease-members.ts';
import { MemberNews } from './member-news.ts';
import type { Shared } from './open-shared.ts';
import { rpcTlsPart } from './rpc-tls-part.ts';
import { advertisedPlace, readRpcTls } from './server-options.ts';
import { createSharedRoutes } from './shared-routes.ts';
import { StandingWatch } from './standing-watch.ts';

export interface ClusterCoreOptions extends CoreOptions {
  readonly log: Logger;
  readonly shared: Shared;
  /** What this node tells of itself, but for where its RPC is. */
  readonly info: () => Omit<MemberInfo, 'host' | 'port' | 'clientAddress'>;
  /** Another node gives out the connection ids of this one: it cannot go on. */
  readonly lostCids: () => void;
}

export interface ClusterCore {
  readonly core: Core;
  readonly clustered: ClusteredNode;
  readonly side: ClusterSide;
  /** Tells the others what `info` says now. */
  announce(): Promise<void>;
  join(): Promise<void>;
  /** Told of each further incarnation of this node. */
  onReentry(listener: (incarnation: number) => void): void;
  /** Certificates between nodes are renewed in their files. */
  readonly tlsPart: ReloadPart;
}

/** How long other nodes have to answer. One that has not is named in the answer. */
export const deadlineMs = 2000;
/** How often a beat goes round the bus: three that are missing in a row are a failure. */
const beatMs = 2000;

/** The core of a node in a cluster. Throws `StartError`. */
export async function createClusterCore(
  { log, shared, info, lostCids, ...options }: ClusterCoreOptions,
  owned: Owned,
): Promise<ClusterCore> {
  const { config, stores, port } = options;
  const { leases, claim, redis } = shared;
  const peers = new RpcPeers({
    self: { id: stores.nodeId, incarnation: claim.incarnation },
    secret: Buffer.from(clusterSecretOf(config)),
    host: config.cluster.host ?? config.host ?? anyAddress(),
    port: config.cluster.rpcPort ?? port + 1000,
    advertise: advertisedPlace(config, undefined, intranetAddress()),
    members: membersOfLeases(leases, () => ({ ...info(), clientAddress })),
    tls: readRpcTls(config.cluster.tls),
    insecure: config.cluster.insecure,
    warn: (fields, text) => log.warn(fields, text),
  });
  await peers.listen();
  const place = advertisedPlace(config, peers.port, intranetAddress());
  const clientAddress = textOfPlace(place);
  let standing: Standing | undefined;
  const announce = () =>
    leases.publish({ ...info(), ...place, clientAddress, ...(standing !== undefined && { standing }) });
  const engine = await createEngine({ config, nodeId: stores.nodeId, peers, log });
  const bus = config.cluster.bus === 'rpc' ? engine : new WatchedBus({ bus: engine, intervalMs: beatMs });
  const routes = createSharedRoutes(shared, { cluster: config.cluster.name, node: stores.nodeId }, owned);
  const clustered = createClusteredNode({
    peers,
    lease: claim.cidLease,
    clientAddress,
    addressIn: (clientId) => decodeClientId(clientId, stores.cryptoKey),
    deadlineMs,
    bus,
    learnStores: (news) => shared.stores.learn(news),
    createDirectory: routes.createDirectory,
    membership: membershipOfLeases(leases),
    whyMissing: (node) => wordsFor(peers.failureOf(node)),
    warn: (fields, text) => log.warn(fields, text),
    createContext: (parts) => createContext({ ...options, clientAddress }, parts),
  });
  owned.add('the RPC', () => clustered.close());
  // One that stands still, or has died, does not say that it has no Redis.
  leases.holdWhile(
    (member) => clustered.standingOf(member.id)?.redis === false && peers.nodes.some((node) => isSame(node, member)),
  );
  const watch = new StandingWatch({
    circumstances: () => ({
      redisFailure: leases.failure,
      busFailure: bus.failure,
      busDelay: bus.failure === undefined ? clustered.busFailure : undefined,
      engine: config.cluster.bus,
      expected: leases.members
        .filter(({ id, state }) => id !== stores.nodeId && state !== 'starting')
        .map(({ id }) => id),
      linked: clustered.nodes,
      standingOf: (node) => clustered.standingOf(node) ?? leases.members.find(({ id }) => id === node)?.standing,
    }),
    tell(now) {
      standing = now;
      clustered.tellStanding(now);
      void announce();
    },
    log,
  });
  owned.add('the watch on the cluster', () => watch.stop());
  let died = () => 0;
  let onReentered: (incarnation: number) => void = () => {};
  const side: ClusterSide = {
    rpcAddress: clientAddress,
    get cutOff() {
      return watch.cutOff;
    },
    get troubles() {
      return watch.troubles;
    },
    figures: () => ({
      incarnation: leases.incarnation ?? claim.incarnation,
      links: clustered.nodes,
      members: leases.members.length,
      died: died(),
      redis: upOr(redis.failure ?? leases.failure),
      bus: {
        engine: config.cluster.bus,
        ...upOr(clustered.busFailure ?? bus.failure),
        ...(bus instanceof WatchedBus && bus.lastMs !== undefined && { beatMs: bus.lastMs }),
        figures: { ...bus.figures(), ...namedApart(clustered.broadcastFigures) },
      },
    }),
  };
  const { context, execute, sessions } = clustered;
  return {
    clustered,
    side,
    core: { ...context, execute, sessions, newCid: createCids(claim.cidLease) },
    announce,
    tlsPart: rpcTlsPart(peers),
    onReentry: (listener) => {
      onReentered = listener;
    },
    async join() {
      leases.watch({
        onReentry: (reentry) => {
          reenter(peers, reentry, lostCids, log);
          onReentered(reentry.incarnation);
        },
      });
      await clustered.start();
      routes.startPurge();
      bus.onState(() => watch.look());
      const news = new MemberNews({ self: stores.nodeId, events: context.events, log }, leases.members);
      died = () => news.died;
      leases.watch({
        onFailure: () => watch.look(),
        onMembers: (members) => {
          news.learn(members);
          watch.look();
        },
      });
      watch.start();
    },
  };
}

/** What engines count has names of its own, `duplicates` and `gaps` among them. */
function namedApart(figures: BroadcastFigures | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(figures ?? {}).map(([name, value]) => [`broadcasts_${name}`, value]));
}

type Start = Pick<PeerNode, 'id' | 'incarnation'>;

function isSame(a: Start, b: Start): boolean {
  return a.id === b.id && a.incarnation === b.incarnation;
}

function wordsFor(failure: string | undefined): string {
  return failure === undefined ? 'lives and does not answer' : `lives and cannot be reached: ${failure}`;
}

function upOr(failure: string | undefined): { readonly up: boolean; readonly failure?: string } {
  return failure === undefined ? { up: true } : { up: false, failure };
}

/** This node was taken for dead: what had been shared with the others is shared anew. */
function reenter(peers: RpcPeers, reentry: Reentry, lostCids: () => void, log: Logger): void {
  const { incarnation, previousIncarnation, cidLease, previousCidLease } = reentry;
  log.warn({ incarnation, previousIncarnation }, 'the others took this node for dead: it enters the cluster again');
  if (cidLease !== previousCidLease) {
    log.error('another node has the connection ids of this one now: it stops, and is to be started again');
    lostCids();
    return;
  }
  peers.reenter(incarnation);
}
