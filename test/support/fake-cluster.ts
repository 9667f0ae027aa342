import { setImmediate as turn } from 'node:timers/promises';
import type { NodeStats } from '../../src/api/stats.ts';
import type { Bus } from '../../src/bus/bus.ts';
import { MemoryPeerHub, MemoryPeers } from '../../src/bus/memory-peers.ts';
import type { ClusterDirectory, DirectoryLinks, NodeStart } from '../../src/directory/cluster-directory.ts';
import { ReplicaDirectory } from '../../src/directory/replica.ts';
import { Registry } from '../../src/registry/registry.ts';
import {
  type ClusteredNode,
  type ClusteredNodeOptions,
  createClusteredNode,
} from '../../src/routing/cluster/clustered-node.ts';
import type { NodeContext } from '../../src/routing/node-context.ts';
import type { BindRequest } from '../../src/routing/sessions.ts';
import { MemoryBans } from '../../src/store/memory-bans.ts';
import { MemoryKeys } from '../../src/store/memory-keys.ts';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { Counters } from '../../src/telemetry/counters.ts';
import { Events } from '../../src/telemetry/events.ts';
import { createCids } from '../../src/util/cids.ts';
import { decodeClientId, encodeClientId } from '../../src/wire/client-id.ts';
import { FakeConnection, type FakeConnectionOptions } from './fake-connection.ts';
import type { FakeMembership } from './fake-membership.ts';
import { createFakeNode } from './fake-node.ts';

const key = 'Adba723b7fe06819';

/** One node of a cluster in this process, with connections that have no sockets. */
export interface FakeClusterNode extends ClusteredNode {
  readonly id: string;
  readonly peers: MemoryPeers;
  /** What was complained of. */
  readonly warnings: string[];
  /** A connection that is not in the registry yet. */
  connect(options?: Partial<FakeConnectionOptions>): FakeConnection;
  /** One that receives. */
  open(options?: Partial<FakeConnectionOptions>): FakeConnection;
  /** One with a user. */
  login(uid: string, request?: Partial<BindRequest>, options?: Partial<FakeConnectionOptions>): Promise<FakeConnection>;
}

export interface FakeCluster {
  readonly hub: MemoryPeerHub;
  readonly nodes: readonly FakeClusterNode[];
  readonly systems: MemorySystems;
  /** Another node, started. */
  join(id: string): Promise<FakeClusterNode>;
  /** Lets all that is on its way arrive, and what comes of it. */
  settled(): Promise<void>;
}

export interface FakeClusterOptions {
  readonly deadlineMs?: number;
  /** Nodes there are to be. */
  readonly expected?: readonly string[];
  readonly overrides?: Partial<NodeContext>;
  /** Absent: whoever leaves is gone. */
  readonly membership?: FakeMembership;
  /** The bus of each node; absent: none. */
  readonly createBus?: (id: string) => Bus;
  readonly broadcastTimes?: ClusteredNodeOptions['broadcastTimes'];
  /** Absent: replicas. */
  readonly createDirectory?: (links: DirectoryLinks, self: NodeStart) => ClusterDirectory;
}

/** Nodes with stores in common, as the workers of one machine have. */
export async function createFakeCluster(
  ids: readonly string[] = ['n1', 'n2', 'n3'],
  {
    deadlineMs = 60_000,
    expected = [],
    overrides = {},
    membership,
    createBus,
    broadcastTimes,
    createDirectory = (links) => new ReplicaDirectory(links),
  }: FakeClusterOptions = {},
): Promise<FakeCluster> {
  const hub = new MemoryPeerHub();
  const stores = { systems: new MemorySystems(), keys: new MemoryKeys(), bans: new MemoryBans() };
  const nodes: FakeClusterNode[] = [];
  let incarnations = 0;
  let messageIds = 0;

  async function join(id: string): Promise<FakeClusterNode> {
    incarnations += 1;
    const lease = incarnations;
    const clientAddress = `10.0.0.${incarnations}:1666`;
    const peers = new MemoryPeers(hub, { id, incarnation: incarnations });
    const warnings: string[] = [];
    const counters = new Counters();
    const clustered = createClusteredNode({
      peers,
      lease,
      clientAddress,
      addressIn: (clientId) => decodeClientId(clientId, key),
      deadlineMs,
      expected,
      ...(membership && { membership }),
      ...(createBus && { bus: createBus(id) }),
      ...(broadcastTimes && { broadcastTimes }),
      warn: (fields) => warnings.push(String(fields['what'])),
      createDirectory: (links) => createDirectory(links, { id, incarnation: lease }),
      createContext: (parts) => {
        const { context } = createFakeNode({
          nodeId: id,
          ...stores,
          registry: new Registry({ mintClientId: () => encodeClientId(clientAddress, key), counters }),
          counters,
          events: new Events({ node: id }),
          newMessageId: () => {
            messageIds += 1;
            return messageIds.toString(16).padStart(16, '0');
          },
          nodeStats: async () => ({ node: id, health: { verdict: 'ok', reasons: [] } }) as unknown as NodeStats,
          ...overrides,
          ...parts,
        });
        return context;
      },
    });
    const nextCid = createCids(lease);
    const { sessions } = clustered;
    const connect = (options: Partial<FakeConnectionOptions> = {}) =>
      new FakeConnection({
        cid: nextCid(),
        onClosed: (connection, code, reason) => void sessions.close(connection, code, reason),
        ...options,
      });
    // With a prototype: `nodes` and the others are asked each time.
    const node: FakeClusterNode = Object.assign(Object.create(clustered) as ClusteredNode, {
      id,
      peers,
      warnings,
      connect,
      open: (options: Partial<FakeConnectionOptions> = {}) => {
        const connection = connect({ dialect: 'json', ...options });
        sessions.open(connection);
        return connection;
      },
      login: async (uid: string, request: Partial<BindRequest> = {}, options: Partial<FakeConnectionOptions> = {}) => {
        const connection = connect(options);
        await sessions.bind(connection, { uid, deviceId: '', deviceName: '', channel: '', ...request }, () => {});
        return connection;
      },
    });
    membership?.enter(peers.self);
    await clustered.start();
    nodes.push(node);
    return node;
  }

  for (const id of ids) await join(id);
  const settled = async () => {
    for (let quiet = 0; quiet < 8; quiet += 1) {
      await turn();
      if (hub.waiting.length > 0) quiet = 0;
    }
  };
  await settled();
  return { hub, nodes, ...stores, join, settled };
}
