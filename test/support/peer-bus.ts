import { RpcBus } from '../../src/bus/engines/rpc.ts';
import { allPeers, type Peers } from '../../src/bus/peers.ts';

/** A bus over peers that have started and carry nothing else. */
export async function busOver(peers: Peers): Promise<RpcBus> {
  const listeners = new Set<(bytes: Buffer) => void>();
  await peers.start({
    onTell: (_from, bytes) => {
      for (const listener of listeners) listener(bytes);
    },
    onAsk: async () => Buffer.alloc(0),
    onJoin: () => {},
    onLeave: () => {},
  });
  return new RpcBus({
    tellAll: (bytes) => peers.tell(allPeers, bytes),
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
}
