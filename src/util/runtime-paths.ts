import { homedir } from 'node:os';
import { join } from 'node:path';

/** The environment these rules read; `process.env` has this shape. */
export type RuntimeEnv = Readonly<Record<string, string | undefined>>;

const set = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;

/** systemd gives several folders as a list separated by colons; the first is ours. */
const first = (value: string | undefined): string | undefined => set(set(value)?.split(':')[0]);

/** A user without a name, as containers run, has no home: then the root, where it will be told that it may not write. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

function stateHome(env: RuntimeEnv): string {
  return set(env['XDG_STATE_HOME']) ?? join(set(env['HOME']) ?? homeOfUser(), '.local', 'state');
}

/**
 * The folder a serving node puts its operator socket and key into: `$RUNTIME_DIRECTORY` (set by systemd), else
 * `$XDG_RUNTIME_DIR/yunque`, else `run` in the user's state folder, so that the user's commands find every node of theirs
 * wherever its data directory is.
 */
export function runtimeDirectory(env: RuntimeEnv): string {
  const systemd = first(env['RUNTIME_DIRECTORY']);
  if (systemd !== undefined) return systemd;
  const session = set(env['XDG_RUNTIME_DIR']);
  return join(session ?? stateDirectory(env), session === undefined ? 'run' : 'yunque');
}

/**
 * The data directory of the node on `port` when neither a flag nor the configuration names one: `$YUNQUE_DATA_DIR`,
 * else `$STATE_DIRECTORY` (systemd), else one folder per port under the user's state folder.
 */
export function defaultDataDirectory(env: RuntimeEnv, port: number): string {
  return set(env['YUNQUE_DATA_DIR']) ?? first(env['STATE_DIRECTORY']) ?? join(stateDirectory(env), String(port));
}

/** The folder that holds one data directory per port: `${XDG_STATE_HOME:-~/.local/state}/yunque`. */
export function stateDirectory(env: RuntimeEnv): string {
  return join(stateHome(env), 'yunque');
}

/** The folder of what its user configures: `${XDG_CONFIG_HOME:-~/.config}/yunque`. */
export function configDirectory(env: RuntimeEnv): string {
  return join(set(env['XDG_CONFIG_HOME']) ?? join(set(env['HOME']) ?? homeOfUser(), '.config'), 'yunque');
}

/** The operator socket of the node on `port`; on Windows a named pipe, which lives in no folder. */
export function socketPath(directory: string, port: number, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? `\\\\.\\pipe\\yunque-${port}` : join(directory, `${port}.sock`);
}

/** The file (0600) with the operator key of the node on `port`, as text. */
export function keyPath(directory: string, port: number): string {
  return join(directory, `${port}.key`);
}

/** The file beside a key that has no socket: the address its node listens on, as text. */
export function hostPath(directory: string, port: number): string {
  return join(directory, `${port}.host`);
}

/**
 * Where a client looks for sockets and keys, in this order and without repetition. Folders below `stateDirectory(env)`
 * are to be looked through as well: they are named after ports, which only reading the disk can tell.
 */
export function searchDirectories(env: RuntimeEnv, uid: number | undefined = process.getuid?.()): readonly string[] {
  const session = set(env['XDG_RUNTIME_DIR']);
  const candidates = [
    first(env['RUNTIME_DIRECTORY']),
    session === undefined ? undefined : join(session, 'yunque'),
    uid === undefined ? undefined : `/run/user/${uid}/yunque`,
    process.platform === 'win32' ? undefined : '/run/yunque',
    set(env['YUNQUE_DATA_DIR']),
    first(env['STATE_DIRECTORY']),
  ];
  return [...new Set(candidates.filter((directory) => directory !== undefined))];
}
