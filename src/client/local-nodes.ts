import { readdir, readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { keyPath, type RuntimeEnv, searchDirectories, socketPath, stateDirectory } from '../util/runtime-paths.ts';

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
 * What opens the node on `port`: the key beside its live socket or the socket itself, whichever is `preferred`, else the other, else a key
 * without a live socket (its folder's path may have been too long for one). Undefined where none of it is readable.
 */
export async function findCredential(
  env: RuntimeEnv,
  port: number,
  preferred: 'key' | 'socket',
): Promise<{ readonly key: string } | { readonly socketPath: string } | undefined> {
  let lonelyKey: string | undefined;
  for (const directory of await directories(env)) {
    const [key, node] = await Promise.all([
      readFile(keyPath(directory, port), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
      probe(socketPath(directory, port)),
    ]);
    if (key !== undefined && node !== undefined && preferred === 'key') return { key };
    if (node?.state === 'live') return { socketPath: node.socketPath };
    lonelyKey ??= key;
  }
  return lonelyKey === undefined ? undefined : { key: lonelyKey };
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
