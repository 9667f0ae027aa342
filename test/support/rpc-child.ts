// A node of the RPC in a process of its own: `rpc-child.ts ID INCARNATION SECRET MEMBERS`. Says its port, then answers all it is asked.
import { RpcPeers } from '../../src/bus/rpc/peers.ts';

const [id = '', incarnation = '', secret = '', members = '[]'] = process.argv.slice(2);
const peers = new RpcPeers({
  self: { id, incarnation: Number(incarnation) },
  secret: Buffer.from(secret, 'hex'),
  host: '127.0.0.1',
  port: 0,
  members: { enter: async () => JSON.parse(members), watch: () => {} },
});
await peers.start({ onJoin: () => {}, onLeave: () => {}, onTell: () => {}, onAsk: async (_, bytes) => bytes });
process.send?.({ port: peers.port });
