import type { RpcPeers } from '../../bus/rpc/peers.ts';
import { checkRpcTls } from '../../bus/rpc/tls.ts';
import type { ReloadPart } from '../reload.ts';
import { readRpcTls } from './server-options.ts';

/** `cluster.tls`, each time: certificates are renewed in their files. Links that stand are left alone. */
export function rpcTlsPart(peers: Pick<RpcPeers, 'reloadTls'>): ReloadPart {
  return {
    prepare(next) {
      const tls = readRpcTls(next.cluster.tls);
      if (tls === undefined) return { commit: () => {} };
      checkRpcTls(tls);
      return { commit: () => peers.reloadTls(tls) };
    },
  };
}
