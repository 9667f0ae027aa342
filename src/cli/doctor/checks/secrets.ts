import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Examine, failed, ok, skipped } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** In the data directory. */
const kept = ['crypto.key', 'systems.db', 'systems.db-wal'] as const;

/** Files with something secret that other users of this machine can read. */
export const examineSecrets: Examine = (patient) => {
  if (patient.platform === 'win32') return [skipped('Windows has no such modes')];
  const files = [...new Set(filesOf(patient))].filter((file) => modeOf(file) !== undefined);
  const open = files.filter((file) => ((modeOf(file) ?? 0) & 0o004) !== 0);
  if (open.length > 0) {
    return open.map((file) => failed(`${file} can be read by other users`, `chmod o-rwx ${file}`));
  }
  return [
    ok(files.length === 0 ? 'there are no files with secrets yet' : `${files.length} files, none open to other users`),
  ];
};

function filesOf({ config, env, dataDirectory }: Patient): readonly string[] {
  const { tls, cluster, redis, rabbitmq, kafka, auth, doors, uplink, events } = config;
  const isClosed = ((modeOf(dataDirectory) ?? 0) & 0o001) === 0;
  return [
    ...[tls, cluster.tls, redis.tls, rabbitmq.tls, kafka.tls].flatMap(({ key }) => key ?? []),
    ...[auth.tokens, doors, uplink.routes, events.sinks].flatMap(namedIn),
    ...Object.entries(env).flatMap(([name, value]) =>
      /^YUNQUE_\w+_FILE$/.test(name) && value !== undefined && value !== '' ? [value] : [],
    ),
    ...(isClosed ? [] : kept.map((name) => join(dataDirectory, name))),
  ];
}

/** Values of fields such as `secretFile` and `urlFile`. A public key is none. */
function namedIn(settings: readonly object[]): readonly string[] {
  return settings.flatMap((setting) =>
    Object.entries(setting).flatMap(([field, value]) =>
      /(?:secret|url|password)File$/i.test(field) && typeof value === 'string' ? [value] : [],
    ),
  );
}

function modeOf(path: string): number | undefined {
  try {
    return statSync(path).mode;
  } catch {
    return undefined;
  }
}
