import { readFile } from 'node:fs/promises';
import type { RuntimeEnv } from '../util/runtime-paths.ts';
import { ClientError } from './client-error.ts';
import { findCredential, findLocalNodes } from './local-nodes.ts';
import { parseServerAddress } from './server-address.ts';

export interface LocateOptions {
  /** As after `-s`; else `YUNQUE_SERVER`, else the one node of this machine. */
  readonly server?: string | undefined;
  /** A file with the operator key, or `-` for standard input; else `YUNQUE_KEY`, `YUNQUE_KEY_FILE`. */
  readonly keyFile?: string | undefined;
  readonly env: RuntimeEnv;
  /** Reads standard input to its end. */
  readonly readStdin: () => Promise<string>;
}

/** What `createAdminClient` needs to know. */
export interface Located {
  readonly url?: string;
  readonly socketPath?: string;
  readonly key?: string;
}

/**
 * Finds the node and the credential for it. On this machine nothing has to be typed: a loopback URL is taken for the node that has the port, and met by
 * its operator socket, where whoever else listens there learns nothing. A key given by hand goes before that. Rejects with `ClientError`: `ambiguous`, `unreachable`,
 * `denied` or `usage`.
 */
export async function locateServer(options: LocateOptions): Promise<Located> {
  const { env } = options;
  const server = given(options.server) ?? given(env['YUNQUE_SERVER']);
  if (server === undefined) return { socketPath: await onlyLocalSocket(env) };
  const address = parseServerAddress(server);
  if (address.kind === 'socket') return { socketPath: address.path };
  const url = address.url.href;
  const key = await readGivenKey(options);
  if (key !== undefined) return { url, key };
  if (!address.isLoopback) return { url };
  const credential = await findCredential(env, address);
  // Without any credential the node itself says what is missing, or does not answer at all.
  if (credential === undefined) return { url };
  return 'key' in credential ? { url, key: credential.key } : { socketPath: credential.socketPath };
}

const given = (value: string | undefined) => (value === undefined || value === '' ? undefined : value);

async function onlyLocalSocket(env: RuntimeEnv): Promise<string> {
  const nodes = await findLocalNodes(env);
  const live = nodes.filter(({ state }) => state === 'live');
  const [only] = live;
  if (only !== undefined && live.length === 1) return only.socketPath;
  if (only !== undefined) {
    const ports = live.map(({ port }) => port).join(', ');
    throw new ClientError(
      'ambiguous',
      { is: 'several_nodes', values: [ports] },
      { hint: `name one with -s ${only.port}, or set YUNQUE_SERVER` },
    );
  }
  const [denied] = nodes;
  if (denied !== undefined) {
    throw new ClientError(
      'denied',
      { is: 'socket_of_other', values: [denied.socketPath] },
      { hint: 'run as the user the node runs as, or bring its key with --key-file and -s' },
    );
  }
  throw new ClientError(
    'unreachable',
    { is: 'no_local_node', values: [] },
    { hint: 'start one with `yunque serve 7001`, or name a server with -s http://host:port' },
  );
}

/** The key of `--key-file`, `YUNQUE_KEY` or `YUNQUE_KEY_FILE`, in this order. */
async function readGivenKey({ keyFile, env, readStdin }: LocateOptions): Promise<string | undefined> {
  const file = given(keyFile);
  if (file !== undefined) return await readKey(file, '--key-file', readStdin);
  const key = given(env['YUNQUE_KEY']);
  if (key !== undefined) return key.trim();
  const fromEnv = given(env['YUNQUE_KEY_FILE']);
  return fromEnv === undefined ? undefined : await readKey(fromEnv, 'YUNQUE_KEY_FILE', readStdin);
}

async function readKey(file: string, what: string, readStdin: () => Promise<string>): Promise<string> {
  const text = file === '-' ? await readStdin() : await readKeyFile(file, what);
  const key = text.trim();
  // A key goes into a header: anything but visible ASCII means that this is some other file.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ClientError('usage', `${what}: ${file === '-' ? 'standard input' : file} does not hold a key`, {
    hint: 'a key is one line of letters and digits',
  });
}

async function readKeyFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ClientError('usage', `${what}: cannot read ${file} (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}
