import { isLocalHost, rpcPlace } from './check-listeners.ts';
import type { Advertised } from './cluster-kinds.ts';
import { isPublished } from './published-keys.ts';
import type { SettingKey } from './schema.ts';

type Values = ReadonlyMap<SettingKey, unknown>;
type Say = (key: SettingKey, message: string) => void;

interface CheckOptions {
  readonly isForServing: boolean;
  /** Whether anybody says so, and it is not the default. */
  readonly isGiven: (key: SettingKey) => boolean;
  readonly refuse: Say;
  readonly warn: Say;
}

const howKeys = ['cluster.bus', 'cluster.name', 'cluster.secret', 'cluster.advertise', 'cluster.tls.cert'] as const;

/** What nodes of one cluster must have in common, and what they may not do to each other. Says nothing without cluster mode. */
export function checkCluster(values: Values, { isForServing, isGiven, refuse, warn }: CheckOptions): void {
  const rpc = rpcPlace(values);
  if (rpc === undefined) {
    const key = isGiven('cluster.enabled') ? undefined : howKeys.find(isGiven);
    if (key !== undefined) warn(key, 'cluster mode is off; say cluster.enabled: true, or false to keep this for later');
    return;
  }
  if (values.get('workers') !== undefined) {
    refuse(
      'workers',
      'workers are a cluster of their own on one machine; leave out either them or cluster mode: nodes of a cluster are started one by one, each with its port and data directory',
    );
  }
  if (rpc.port > 65535) {
    refuse(
      'port',
      `cluster mode takes port + 1000 for the RPC between nodes, and ${rpc.port} is no port; take one up to 64535, or set cluster.rpcPort`,
    );
  }
  if (isForServing && values.get('crypto.key') === undefined) {
    refuse(
      'cluster.enabled',
      `every node reads the clientIds of the others, so cluster mode needs one crypto.key on all of them: \`openssl rand -hex 16\` makes it (${whereTo('CRYPTO_KEY')})`,
    );
  }
  checkSecret(values, { isReached: isForServing && isRpcReached(values), refuse, warn });
  checkTls(values, { isReached: isForServing && isRpcReached(values), refuse });
}

/** Whether other machines can reach the RPC of cluster mode, or are told to. */
export function isRpcReached(values: Values): boolean {
  const rpc = rpcPlace(values);
  const advertised = values.get('cluster.advertise') as Advertised | undefined;
  return rpc !== undefined && !(isLocalHost(rpc.host) && (advertised === undefined || isLocalHost(advertised.host)));
}

function checkSecret(values: Values, { isReached, refuse, warn }: { isReached: boolean; refuse: Say; warn: Say }) {
  const secret = values.get('cluster.secret');
  const better = `\`openssl rand -hex 32\` makes a good one (${whereTo('CLUSTER_SECRET')})`;
  if (isPublished(secret)) {
    const known = 'this secret is published, so everybody knows it';
    if (isReached)
      refuse('cluster.secret', `${known}, and others can reach the RPC of this node; take another: ${better}`);
    else warn('cluster.secret', `${known}; before others can reach this node, take another: ${better}`);
  }
  if (secret === undefined && isReached && values.get('crypto.key') !== undefined) {
    warn(
      'cluster.enabled',
      `cluster.secret is derived from crypto.key, of which every clientId is a sample; give it one of its own: ${better}`,
    );
  }
}

const tlsKeys = ['cluster.tls.cert', 'cluster.tls.key', 'cluster.tls.ca'] as const;

function checkTls(values: Values, { isReached, refuse }: { isReached: boolean; refuse: Say }) {
  const isInsecure = values.get('cluster.insecure') === true;
  const isTls = values.get('cluster.tls.cert') !== undefined;
  const given = tlsKeys.find((key) => values.get(key) !== undefined);
  const missing = tlsKeys.filter((key) => values.get(key) === undefined);
  if (given !== undefined && missing.length > 0) {
    refuse(given, `there is no ${missing.join(' and no ')}; give all three for TLS between nodes, or none`);
  }
  if (isInsecure && isTls) {
    refuse('cluster.insecure', 'there is a certificate for TLS between nodes; leave out either it or this');
  }
  if (isReached && !isTls && !isInsecure) {
    refuse(
      'cluster.enabled',
      'others can reach the RPC of this node, and it has no TLS; give cluster.tls.cert, cluster.tls.key and cluster.tls.ca, or, in a network of their own, cluster.insecure: true (YUNQUE_CLUSTER_INSECURE=true); or listen on this machine only: --host 127.0.0.1, or host in the file',
    );
  }
}

function whereTo(name: string): string {
  return `in the file, YUNQUE_${name}, or a file named by YUNQUE_${name}_FILE`;
}
