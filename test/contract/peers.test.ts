import { MemoryPeerHub, MemoryPeers } from '../../src/bus/memory-peers.ts';
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
