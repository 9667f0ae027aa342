import { readFileSync } from 'node:fs';
import { requireUsable } from '../../app/usable-config.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { ConfigFlags } from '../../config/flags.ts';
import { readConfig } from '../../config/load-config.ts';
import { defaultDataDirectory } from '../../util/runtime-paths.ts';
import type { CliContext } from '../context.ts';
import type { Patient } from './patient.ts';
import { seeRedis } from './redis-seen.ts';
import { seeNode } from './see-node.ts';
import { serversOf } from './servers.ts';

export interface PatientFlags extends ConfigFlags {
  readonly connections?: number;
}

/** Reads the configuration as `serve` does; what is wrong with it is for a check to tell, and the values that are right count. */
export async function patientOf(context: CliContext, flags: PatientFlags): Promise<Patient> {
  const { env, globals } = context;
  const read = readConfig({ flags, env, cwd: process.cwd() });
  const { config, file, overlay } = read;
  const problems: string[] = [];
  const warnings: string[] = [...read.warnings];
  try {
    warnings.push(...(await requireUsable(read, { withHosts: false })));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems.map(({ text }) => text));
  }
  const limit = config.limits.connections;
  return {
    platform: process.platform,
    env,
    config,
    configuration: { problems, warnings, files: [file, overlay].filter((name) => name !== undefined) },
    dataDirectory: config.dataDir ?? defaultDataDirectory(env, config.port),
    connections: flags.connections ?? (limit > 0 ? limit : undefined),
    timeoutMs: globals.timeout,
    read: readText,
    node: once(() => seeNode(context, config.port)),
    redis: once(async () => {
      const { redis } = serversOf(config);
      return await Promise.all(redis.map((server) => seeRedis({ ...server, timeoutMs: globals.timeout })));
    }),
  };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
