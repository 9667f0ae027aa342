import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { makePrivateDirectory } from '../util/private-directory.ts';
import { hostPath, keyPath, socketPath } from '../util/runtime-paths.ts';
import { StartError } from '../util/start-error.ts';
import { createHttpServer, type Handlers } from './listen.ts';
import { closeServer } from './listeners.ts';

/** sun_path of a Unix socket holds 108 bytes with its end mark; macOS has 104. */
const maxSocketPath = 103;

export interface OperatorDoorOptions {
  /**
   * Where socket and key may be, best first: the first that can be used is taken. One that cannot be made, is not this user's, or in which a
   * node of another address lives on the same port, is passed over. The last is the data directory.
   */
  readonly directories: readonly [string, ...string[]];
  readonly port: number;
  /** The address the port is bound to. */
  readonly host: string;
  /** From the configuration; otherwise a random one is written to the key file. */
  readonly key: string | undefined;
  /** A group of this machine whose members may use the socket. */
  readonly group: string | undefined;
  readonly handlers: () => Handlers | undefined;
  readonly admit: (socket: Socket) => void;
}

export interface OperatorDoor {
  readonly key: string;
  readonly keyFile: string | undefined;
  /** Undefined where the path would be too long for a socket. */
  readonly socketFile: string | undefined;
  close(): Promise<void>;
}

/**
 * The operator's way in on this machine: a socket that only its files' owner reaches, and the operator key. The caller
 * holds the lock of the port and the data directory, so a socket file that nobody answers on is a dead node's.
 */
export async function openOperatorDoor(options: OperatorDoorOptions): Promise<OperatorDoor> {
  const { port, host, group } = options;
  const gid = group === undefined ? undefined : groupId(group);
  const directory = await chooseDirectory(options.directories, port);
  if (gid !== undefined) share(directory, gid, 0o750);
  const keyFile = options.key === undefined ? keyPath(directory, port) : undefined;
  const key = options.key ?? randomBytes(32).toString('base64url');
  if (keyFile !== undefined) writeSecret(keyFile, key);

  const path = socketPath(directory, port);
  const fits = process.platform === 'win32' || Buffer.byteLength(path) <= maxSocketPath;
  const server = fits ? await listenOn(path, gid, options) : undefined;
  // Without a socket commands show the key, and must know to whom: another user's program may have the port on another address.
  const hostFile = keyFile !== undefined && !fits ? hostPath(directory, port) : undefined;
  if (hostFile !== undefined) writeSecret(hostFile, host);
  return {
    key,
    keyFile,
    socketFile: fits ? path : undefined,
    close: async () => {
      if (server !== undefined) await closeServer(server);
      for (const file of [keyFile, hostFile]) if (file !== undefined) rmSync(file, { force: true });
    },
  };
}

async function chooseDirectory(candidates: readonly [string, ...string[]], port: number): Promise<string> {
  for (const directory of candidates.slice(0, -1)) {
    try {
      if (makePrivateDirectory(directory) && !(await isAnswered(socketPath(directory, port)))) return directory;
    } catch {
      // Not this one.
    }
  }
  return candidates.at(-1) ?? candidates[0];
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

async function listenOn(path: string, gid: number | undefined, options: OperatorDoorOptions): Promise<Server> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const server = createHttpServer(16 * 1024, options.handlers);
  server.on('connection', options.admit);
  const previous = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(new StartError(`cannot open the operator socket ${path}: ${error.message}`, { cause: error }));
      });
      server.listen(path, resolve);
    });
  } finally {
    process.umask(previous);
  }
  if (gid !== undefined) share(path, gid, 0o660);
  return server;
}

function writeSecret(path: string, secret: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' });
}

/** The number of a group of this machine. Throws `StartError` (78) where there is none of that name. */
export function groupId(group: string): number {
  const row = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === group);
  if (row?.[2] === undefined) {
    throw new StartError(`there is no group "${group}" on this machine`, {
      at: { key: 'operator.group' },
      hint: 'name one that `getent group` shows, or leave it out',
      exitCode: 78,
    });
  }
  return Number(row[2]);
}

/** Lets the members of the group use a file. */
function share(path: string, gid: number, mode: number): void {
  try {
    chownSync(path, -1, gid);
  } catch (cause) {
    const user = `the node’s user is not in that group, so it cannot give it ${path}`;
    throw new StartError(`${user}: ${(cause as Error).message}`, {
      at: { key: 'operator.group' },
      hint: 'put it in (usermod -aG GROUP USER, and start anew), or name another group',
      exitCode: 78,
      cause,
    });
  }
  chmodSync(path, mode);
}
