import { YunqueError } from '../../api/errors.ts';
import { StartError } from '../../util/start-error.ts';
import { storeSchema } from './store-script.ts';

export const brokenWords = 'part of what it had is missing there, and no node that knows it has given it back';

/** `cause`: what is our fault, for the log. */
export function unavailable(reason: string, cause?: TypeError): YunqueError {
  return new YunqueError('unavailable', `systems, keys and bans cannot be changed without Redis: ${reason}`, {
    hint: 'bring Redis back and look whether it was done; if not, do it again',
    ...(cause && { cause }),
  });
}

export function otherSchemaWords(cluster: string, schema: string): string {
  return `the systems of the cluster ${cluster} are kept in Redis with schema ${schema}, and this yunque knows ${storeSchema}`;
}

export function otherSchema(cluster: string, schema: string): StartError {
  return new StartError(otherSchemaWords(cluster, schema), {
    hint: 'start the version that wrote them; or give this node another cluster.name',
    exitCode: 78,
  });
}

export function notToBeAsked(cluster: string, reason: string): StartError {
  return new StartError(`Redis cannot be asked for the systems of the cluster ${cluster}: ${reason}`, {
    hint: 'start Redis, or check the settings below redis.*',
  });
}

export function notGivenBack(cluster: string): StartError {
  return new StartError(
    `Redis cannot be asked for the systems of the cluster ${cluster}: it is empty, and the nodes that live give nothing back`,
    { hint: 'look at the logs of those nodes, and start this one again' },
  );
}

export function brokenTruth(cluster: string, keys: string): StartError {
  return new StartError(`systems, keys and bans of the cluster ${cluster} in Redis are not whole: ${brokenWords}`, {
    hint: `start a node that was in the cluster, with its data directory, or restore Redis; or delete ${keys} in Redis, and what nodes know of it, if they know any, is the beginning`,
  });
}

export function damagedCopy(file: string, reason: string): StartError {
  return new StartError(`Redis has lost systems, keys and bans, and ${file}, which knew them, is damaged: ${reason}`, {
    hint: 'start another node of the cluster first, or restore one of both from a backup; or remove the file, and the cluster begins anew without systems, keys and bans',
  });
}
