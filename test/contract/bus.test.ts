import { MemoryBus, type MemoryHub } from '../../src/bus/engines/memory.ts';
import type { RpcBus } from '../../src/bus/engines/rpc.ts';
import { MemoryPeerHub, MemoryPeers } from '../../src/bus/memory-peers.ts';
import type { Peers } from '../../src/bus/peers.ts';
import { eventually } from '../support/eventually.ts';
import { busOver } from '../support/peer-bus.ts';
import { createRpcCluster } from '../support/rpc-cluster.ts';
import { testBus } from './bus.ts';

testBus('memory', async () => {
  const hub: MemoryHub = new Set();
  return { join: async () => new MemoryBus(hub), [Symbol.asyncDispose]: async () => {} };
});

/** Peers are there before the buses over them are started, and know each other. */
async function joinAll(all: Peers[], peers: Peers): Promise<RpcBus> {
  const bus = await busOver(peers);
  all.push(peers);
  await eventually('all are linked', () => all.every(({ nodes }) => nodes.length === all.length - 1));
  return bus;
}

testBus('rpc, over peers in memory', async () => {
  const hub = new MemoryPeerHub();
  const all: Peers[] = [];
  return {
    join: () => joinAll(all, new MemoryPeers(hub, { id: `n${all.length}`, incarnation: all.length + 1 })),
    [Symbol.asyncDispose]: async () => {
      for (const peers of all) await peers.close();
    },
  };
});

testBus('rpc, over gRPC', async () => {
  const cluster = createRpcCluster();
  const all: Peers[] = [];
  return {
    join: async () => joinAll(all, await cluster.join(`n${all.length}`)),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
});
