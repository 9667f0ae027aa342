import type { Membership, MembershipListener } from '../../bus/cluster/membership.ts';
import type { RpcNode } from '../../bus/rpc/members.ts';
import { RpcPeers } from '../../bus/rpc/peers.ts';
import { ReplicaDirectory } from '../../directory/replica.ts';
import { type ClusteredNode, createClusteredNode } from '../../routing/cluster/clustered-node.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createCids } from '../../util/cids.ts';
import { decodeClientId } from '../../wire/client-id.ts';
import { type Core, type CoreOptions, clientAddressOf, createContext } from '../core.ts';
import type { Owned } from '../owned.ts';
import type { Beginning, SupervisorCalls } from './calls.ts';
import type { Channel } from './channel.ts';

export interface ClusteredCoreOptions extends CoreOptions {
  readonly beginning: Pick<Beginning, 'nodeId' | 'nodeIds' | 'incarnation' | 'lease' | 'rpc' | 'cryptoKey'>;
  readonly log: Logger;
  readonly channel: Channel<SupervisorCalls>;
  /** Who is to be told all workers whenever that changes. */
  readonly onMembers: (listener: (nodes: readonly RpcNode[]) => void) => void;
}

/** How long other workers have to answer. One that has not is named in the answer. */
const deadlineMs = 2000;

/** The core of a worker: what it is asked is asked of all. Throws `StartError` where its RPC port cannot be opened. */
export async function createClusteredCore(
  { beginning, log, channel, onMembers, ...options }: ClusteredCoreOptions,
  owned: Owned,
): Promise<{ readonly core: Core; readonly clustered: ClusteredNode }> {
  const { nodeId, nodeIds, incarnation, lease, rpc, cryptoKey } = beginning;
  let members: readonly RpcNode[] = [];
  const watching = new Set<MembershipListener>();
  const learn = (nodes: readonly RpcNode[]) => {
    members = nodes;
    for (const listener of watching) listener.onMembers?.(nodes);
    return nodes;
  };
  // The supervisor knows which processes have ended: a worker that is only cut off loses nothing.
  const membership: Membership = {
    get members() {
      return members;
    },
    watch(listener) {
      watching.add(listener);
      return () => watching.delete(listener);
    },
  };
  const peers = new RpcPeers({
    self: { id: nodeId, incarnation },
    secret: Buffer.from(rpc.secret),
    host: rpc.host,
    port: rpc.port,
    members: {
      enter: async (self) => learn(await channel.ask('enter', self)),
      watch: (listener) => onMembers((nodes) => listener(learn(nodes))),
    },
    warn: (fields, text) => log.warn(fields, text),
  });
  await peers.listen();
  const clientAddress = clientAddressOf(peers.port);
  const nodeStats = async () => ({ ...(await options.nodeStats()), rpcAddress: `${rpc.host}:${peers.port}` });
  const clustered = createClusteredNode({
    peers,
    lease,
    clientAddress,
    addressIn: (clientId) => decodeClientId(clientId, cryptoKey),
    deadlineMs,
    membership,
    expected: nodeIds,
    // Members are processes that are there and have once listened.
    whyMissing: (node) => (members.some(({ id }) => id === node) ? 'does not answer' : 'is being started again'),
    warn: (fields, text) => log.warn(fields, text),
    createDirectory: (links) => new ReplicaDirectory(links),
    createContext: (parts) => createContext({ ...options, clientAddress, nodeStats }, parts),
  });
  owned.add('the RPC', () => clustered.close());
  const { context, execute, sessions } = clustered;
  return { clustered, core: { ...context, execute, sessions, newCid: createCids(lease) } };
}
