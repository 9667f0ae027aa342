import { join } from 'node:path';
import { StartError } from '../../util/start-error.ts';
import type { Difference } from './agreement.ts';
import { leasesSchema } from './leases-script.ts';

/** Who claims, and where. */
export interface ClaimPlace {
  /** The name of the cluster. */
  readonly cluster: string;
  readonly nodeId: string;
  /** Of this node, which holds its lock. */
  readonly dataDirectory: string;
  /** Of Redis, for messages: `host:port`, or several. */
  readonly address?: string;
}

/** `home`: as the script keeps it. */
export function heldElsewhere({ nodeId, dataDirectory }: ClaimPlace, home: string): StartError {
  const holder = home.split('\n')[1] ?? 'another node';
  return new StartError(`the node id ${nodeId} is held by ${holder}, which still beats`, {
    hint: `stop that node; or, for a node of its own, remove ${join(dataDirectory, 'node-id')} and start again`,
    exitCode: 78,
  });
}

/** `other`: a node that lives. */
export function notAgreed({ cluster }: ClaimPlace, other: string, difference: Difference | undefined): StartError {
  const node = `the node ${other} of the cluster ${cluster}`;
  if (difference === undefined) return new StartError(`${node} is configured otherwise`, { exitCode: 78 });
  const { term, theirs } = difference;
  const words = term.secret ? `it differs from that of ${node}` : `${term.value} here, and ${theirs} on ${node}`;
  return new StartError(term.note === undefined ? words : `${words} (${term.note})`, {
    at: { key: term.key },
    hint: 'give every node the same, and stop all of them first to change it; or give this one another cluster.name',
    exitCode: 78,
  });
}

export function newerSchema({ cluster }: ClaimPlace, schema: string): StartError {
  return new StartError(
    `the nodes of the cluster ${cluster} are kept in Redis with schema ${schema}, and this yunque knows ${leasesSchema}`,
    { hint: 'start the version that the other nodes have; or give this one another cluster.name', exitCode: 78 },
  );
}

export function notToBeAsked({ cluster, address }: ClaimPlace, reason: string): StartError {
  const redis = address === undefined ? 'Redis' : `Redis at ${address}`;
  const what = `${redis} cannot be asked for the nodes of the cluster ${cluster}: ${reason}`;
  if (/\b(NOAUTH|WRONGPASS|NOPERM|invalid password)\b/.test(reason)) {
    const hint =
      'set redis.password, and redis.username where it has users (YUNQUE_REDIS_PASSWORD, YUNQUE_REDIS_USERNAME)';
    return new StartError(what, { hint, exitCode: 78 });
  }
  return new StartError(what, {
    hint: 'start Redis, or check redis.host, redis.port and the other settings below redis.*',
  });
}
