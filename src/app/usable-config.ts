import { ConfigError } from '../config/config-error.ts';
import type { Loaded } from '../config/live-config.ts';
import type { Config } from '../config/schema.ts';
import { StartError, together } from '../util/start-error.ts';
import { hostFaults } from './host-faults.ts';
import { groupId } from './operator-door.ts';
import { planQueues } from './queue-servers.ts';
import { readTlsPair, tlsFilesOf } from './tls-files.ts';
import { planSources } from './tokens.ts';

export interface UsableOptions {
  /** Default true. Else addresses to listen on are left out: a node that listens has them, or had. */
  readonly withHosts?: boolean;
}

/**
 * Judges a configuration together with what it names outside of itself: files of TLS, of tokens and of queues, a group, addresses. Reads them as
 * the start does, and opens no port. Answers warnings about them; throws `ConfigError` with all that is wrong with either.
 */
export async function requireUsable(
  { config, problems, isWhole, problemOf, inOrder }: Omit<Loaded, 'warnings'>,
  { withHosts = true }: UsableOptions = {},
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const faults = [...(await fileFaults({ config, isWhole, warnings })), ...(withHosts ? await hostFaults(config) : [])];
  const found = faults.map(({ at, wordsAndHint, sentence }) =>
    at === undefined ? { text: sentence } : problemOf(at, wordsAndHint),
  );
  if (problems.length + found.length > 0) throw new ConfigError(inOrder([...problems, ...found]));
  return warnings;
}

interface Judged {
  readonly config: Config;
  readonly isWhole: Loaded['isWhole'];
  readonly warnings: string[];
}

async function fileFaults({ config, isWhole, warnings }: Judged): Promise<readonly StartError[]> {
  const { readClusterFiles } = config.cluster.enabled ? await import('./cluster/server-options.ts') : {};
  const { group } = config.operator;
  const files = tlsFilesOf(config.tls);
  try {
    together([
      () => void warnings.push(...(files === undefined ? [] : readTlsPair(files).warnings)),
      () => void planSources({ config, warn: (line) => warnings.push(line) }),
      () => void planQueues({ config: wholeQueues(config, isWhole), warn: (line) => warnings.push(line) }),
      () => readClusterFiles?.(config),
      () => void (group === undefined || groupId(group)),
    ]);
    return [];
  } catch (error) {
    if (error instanceof StartError) return withoutRepeats(error.parts);
    throw error;
  }
}

function wholeQueues(config: Config, isWhole: Judged['isWhole']): Config {
  const { doors, uplink, events } = config;
  return {
    ...config,
    doors: isWhole('doors') ? doors : [],
    uplink: { ...uplink, routes: isWhole('uplink.routes') ? uplink.routes : [] },
    events: { ...events, sinks: isWhole('events.sinks') ? events.sinks : [] },
  };
}

/** Doors and a cluster can name the same file. */
function withoutRepeats(faults: readonly StartError[]): readonly StartError[] {
  return [...new Map(faults.map((fault) => [fault.sentence, fault])).values()];
}
