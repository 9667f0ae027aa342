import { readdir, readFile } from 'node:fs/promises';
import { createConnection, isIPv4 } from 'node:net';
import { join } from 'node:path';
import {
  hostPath,
  keyPath,
  type RuntimeEnv,
  searchDirectories,
  socketPath,
  stateDirectory,
} from '../util/runtime-paths.ts';

/** A node's operator socket that was found on this machine. */
export interface LocalNode {
  readonly port: number;
  readonly socketPath: string;
  /** `live`: it answers; `denied`: it is there, but not for this user. */
  readonly state: 'live' | 'denied';
}

const pipeFolder = '\\\\.\\pipe\\';

/** Every node of this machine whose operator socket is in one of the usual folders, in order of port. Never rejects. */
export async function findLocalNodes(env: RuntimeEnv): Promise<readonly LocalNode[]> {
  const paths = process.platform === 'win32' ? await pipes() : await socketFiles(env);
  const found = await Promise.all(paths.map(probe));
  return found.filter((node) => node !== undefined).sort((a, b) => a.port - b.port);
}

/**
 * What opens the node on `port` of this machine: its operator socket, whatever its address. Where that node has none (its folder's path may have been
 * too long for one), its key, but only for `host` where that is an address it listens on: on another one anybody's program may have the same port.
 */
export async function findCredential(
  env: RuntimeEnv,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly key: string } | { readonly socketPath: string } | undefined> {
  const folders = await directories(env);
  const found = (await Promise.all(folders.map((folder) => probe(socketPath(folder, port))))).filter(
    (node) => node !== undefined,
  );
  const live = found.find(({ state }) => state === 'live');
  if (live !== undefined) return { socketPath: live.socketPath };
  if (found.length > 0) return undefined;
  for (const folder of folders) {
    const [key, bound] = await Promise.all([keyPath, hostPath].map((path) => readLine(path(folder, port))));
    if (key !== undefined && bound !== undefined && isReachedBy(host, bound)) return { key };
  }
  return undefined;
}

function readLine(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

/** Whether whoever connects to `host`, which is loopback, meets who is bound to `bound`. A name may mean either of 127.0.0.1 and ::1. */
function isReachedBy(host: string, bound: string): boolean {
  return bound === '::' || (bound === '0.0.0.0' ? isIPv4(host) : bound === host);
}

async function directories(env: RuntimeEnv): Promise<readonly string[]> {
  const states = stateDirectory(env);
  const perPort = await readdir(states, { withFileTypes: true }).catch(() => []);
  return [
    ...searchDirectories(env),
    ...perPort.filter((entry) => entry.isDirectory()).map(({ name }) => join(states, name)),
  ];
}

async function socketFiles(env: RuntimeEnv): Promise<string[]> {
  const folders = await Promise.all(
    (await directories(env)).map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => /^\d+\.sock$/.test(name)).map((name) => join(folder, name));
    }),
  );
  return [...new Set(folders.flat())];
}

async function pipes(): Promise<string[]> {
  const names = await readdir(pipeFolder).catch(() => []);
  return names.filter((name) => /^yunque-\d+$/.test(name)).map((name) => pipeFolder + name);
}

/** Connects and hangs up: a socket file may outlive its node. */
function probe(path: string): Promise<LocalNode | undefined> {
  const port = Number(/(\d+)(?:\.sock)?$/.exec(path)?.[1]);
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (state: LocalNode['state'] | undefined) => {
      socket.destroy();
      resolve(state === undefined ? undefined : { port, socketPath: path, state });
    };
    socket.setTimeout(1000, () => settle(undefined));
    socket.once('connect', () => settle('live'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(code === 'EACCES' || code === 'EPERM' ? 'denied' : undefined),
    );
  });
}
