import { checkRpcTls, type RpcTls } from '../../bus/rpc/tls.ts';
import type { Config } from '../../config/schema.ts';
import { isEverywhere } from '../../util/address.ts';
import { StartError, together } from '../../util/start-error.ts';
import { readTls, type TlsFiles } from '../server-files.ts';

/** Undefined without a certificate: nodes talk without TLS. Throws `StartError` (78). */
export function readRpcTls(files: TlsFiles): RpcTls | undefined {
  const { ca, cert, key } = readTls('cluster.tls', files);
  if (cert === undefined || key === undefined) return undefined;
  if (ca === undefined) {
    throw new StartError('there is no authority that nodes accept each other’s certificates of', {
      at: { key: 'cluster.tls.ca' },
      hint: 'name the PEM file of the authority that signed the certificates of all nodes',
      exitCode: 78,
    });
  }
  return { ca: ca.toString(), cert: cert.toString(), key: key.toString() };
}

/** Where the others reach the RPC that listens on `port`. `machine`: an address of it, where it listens on all. */
export function advertisedPlace<P extends number | undefined>(
  { cluster, host }: Pick<Config, 'cluster' | 'host'>,
  port: P,
  machine: string,
): { readonly host: string; readonly port: number | P } {
  const { advertise } = cluster;
  if (advertise !== undefined) return { host: advertise.host, port: advertise.port ?? port };
  const own = cluster.host ?? host;
  return { host: own === undefined || isEverywhere(own) ? machine : own, port };
}

/** Reads every file of a cluster as the start does. Throws `StartError` with all that cannot be read or used. */
export function readClusterFiles({ cluster, redis, rabbitmq, kafka }: Config): void {
  if (!cluster.enabled) return;
  together([
    () => {
      const tls = readRpcTls(cluster.tls);
      if (tls !== undefined) checkRpcTls(tls);
    },
    () => void (redis.tls.enabled && readTls('redis.tls', redis.tls)),
    () => void (cluster.bus === 'rabbitmq' && readTls('rabbitmq.tls', rabbitmq.tls)),
    () => void (cluster.bus === 'kafka' && kafka.tls.enabled && readTls('kafka.tls', kafka.tls)),
  ]);
}
