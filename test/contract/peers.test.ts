import { MemoryPeerHub, MemoryPeers } from '../../src/bus/memory-peers.ts';
import type { RpcPeers } from '../../src/bus/rpc/peers.ts';
import { createAuthority } from '../support/certificates.ts';
import { createRpcCluster, issueRpcTls } from '../support/rpc-cluster.ts';
import { testPeers } from './peers.ts';

testPeers('in memory', async () => {
  const hub = new MemoryPeerHub();
  let incarnation = 0;
  return {
    join: async (id) => {
      incarnation += 1;
      return new MemoryPeers(hub, { id, incarnation });
    },
    crash: async (peers) => hub.kill(peers.self.id),
    [Symbol.asyncDispose]: async () => {},
  };
});

for (const way of ['in the clear', 'with TLS'] as const) {
  testPeers(`over gRPC ${way}`, async () => {
    await using authority = way === 'with TLS' ? await createAuthority() : undefined;
    const tls = authority && (await issueRpcTls(authority, 'node'));
    const cluster = createRpcCluster({ tls });
    return {
      ...cluster,
      crash: async (peers) => {
        (peers as RpcPeers).crash();
        cluster.members.leave(peers.self.id);
      },
    };
  });
}
