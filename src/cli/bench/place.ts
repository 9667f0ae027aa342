import { randomBytes } from 'node:crypto';
import { defaultSystem } from '../../api/system.ts';
import { type AdminClient, createAdminClient } from '../../client/admin-client.ts';
import { readCa } from '../../client/ca-file.ts';
import { type Located, locateServer } from '../../client/locate.ts';
import { parseServerAddress, type ServerAddress } from '../../client/server-address.ts';
import type { RequestHead } from '../../load/doors.ts';
import type { HttpEndpoint } from '../../load/http-lane.ts';
import type { Endpoint } from '../../load/thread-protocol.ts';
import { addressOfAsked } from '../asked-node.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import type { LoadFlags, MessageFlags } from './flags.ts';

/** An HTTP API: where it is, and what goes into the head of each request. */
export interface Api extends RequestHead {
  readonly endpoint: HttpEndpoint;
}

export type PlaceFlags = LoadFlags & Partial<Pick<MessageFlags, 'warmup'>>;

/** The server that is put under load. */
export interface Place extends AsyncDisposable {
  readonly ws: Endpoint;
  /** Written in the URL; empty: the dialect's own is taken. */
  readonly wsPath: string;
  readonly system: string;
  /** Where messages are pushed. */
  readonly api: Api;
  /** Where the node's own API is, which takes the operator's credential; undefined: a server that is not ours. */
  readonly operator: Api | undefined;
  /** Of this node; it outlives Ctrl-C and SIGTERM, so that what was made can be taken away. */
  readonly admin: AdminClient | undefined;
  /** Of everything the run makes: systems, users, groups. */
  readonly prefix: string;
}

/**
 * Finds the node as all commands do, makes a system of its own there (unless `-S` names one) with a key to push with, and removes it at the
 * end. With `--http-url` the server is somebody else's: only its own API is used, and what there is no call to remove stays. Rejects with
 * `ClientError` or `CliError`.
 */
export async function findPlace(context: CliContext, flags: PlaceFlags): Promise<Place> {
  const prefix = `bench-${randomBytes(4).toString('hex')}`;
  const ca = await readCa({ caFile: context.globals.caFile, env: context.env });
  if (flags.httpUrl !== undefined || (flags.wsUrl !== undefined && context.globals.server === undefined)) {
    return await foreignPlace(context, flags, { prefix, ca });
  }
  const located = await locate(context, context.globals.server);
  // No signal: what was made is taken away after Ctrl-C too.
  const admin = createAdminClient({ ...located, ca, timeoutMs: context.globals.timeout });
  try {
    return await ownPlace(context, flags, { prefix, ca, located, admin });
  } catch (error) {
    admin.close();
    throw error;
  }
}

/** Beyond what the run takes by its flags: for clients to connect, groups to be filled, and the last to come. */
const keySpareMs = 600_000;

/** A run that is killed takes nothing away: its key ends by itself. */
export function keyTtlMs({ duration, warmup = 0 }: PlaceFlags): number {
  return duration + warmup + keySpareMs;
}

interface Found {
  readonly prefix: string;
  readonly ca: string | undefined;
}

async function ownPlace(
  context: CliContext,
  flags: PlaceFlags,
  { prefix, ca, located, admin }: Found & { readonly located: Located; readonly admin: AdminClient },
): Promise<Place> {
  const named = context.globals.system;
  const address = located.url ?? (await addressOfAsked(admin));
  if (address === undefined)
    throw new CliError(`${admin.where} tells no address to connect to`, { hint: '--ws-url names one' });
  const url = urlAddress(flags.wsUrl ?? address, '--ws-url');
  const system = named ?? prefix;
  const operator = operatorApi(located, system, ca);
  const remove = async () => {
    if (named === undefined) await admin.removeSystem(system).catch(() => {});
    admin.close();
  };
  if (named !== undefined) {
    await admin.system(named);
    return { ...wsOf(url, flags, ca), system, api: operator, operator, admin, prefix, [Symbol.asyncDispose]: remove };
  }
  await admin.addSystem(system);
  try {
    const { key } = await admin.rotateKey({ owner: 'system', system, role: 'push', ttlMs: keyTtlMs(flags) });
    const api = apiOf(urlAddress(address, '--server'), { system, key }, ca);
    return { ...wsOf(url, flags, ca), system, api, operator, admin, prefix, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function foreignPlace(context: CliContext, flags: LoadFlags, { prefix, ca }: Found): Promise<Place> {
  const http = flags.httpUrl ?? flags.wsUrl ?? '';
  const address = urlAddress(http, '--http-url');
  const { key } = await locate(context, http);
  const system = context.globals.system ?? (flags.httpUrl === undefined ? defaultSystem : prefix);
  return {
    ...wsOf(urlAddress(flags.wsUrl ?? http, '--ws-url'), flags, ca),
    system,
    api: apiOf(address, { system, key }, ca),
    operator: undefined,
    admin: undefined,
    prefix,
    [Symbol.asyncDispose]: async () => {},
  };
}

function locate(context: CliContext, server: string | undefined): Promise<Located> {
  const { keyFile } = context.globals;
  return locateServer({ server, keyFile, env: context.env, readStdin: () => context.readStdin() });
}

type UrlAddress = Extract<ServerAddress, { kind: 'url' }>;

function urlAddress(text: string, option: string): UrlAddress {
  const address = parseServerAddress(text);
  if (address.kind === 'url') return address;
  throw new CliError(`${option}: clients connect to a URL, not to a socket`);
}

function wsOf(address: UrlAddress, flags: LoadFlags, ca: string | undefined): Pick<Place, 'ws' | 'wsPath'> {
  const { pathname } = address.url;
  return { ws: endpointOf(address, ca), wsPath: flags.wsUrl === undefined ? '' : pathname.replace(/\/+$/, '') };
}

function endpointOf({ host, port, url }: UrlAddress, ca: string | undefined): Endpoint {
  return { host, port, ...(url.protocol === 'https:' && { tls: { ca } }) };
}

function apiOf(
  address: UrlAddress,
  head: { readonly system: string; readonly key: string | undefined },
  ca: string | undefined,
): Api {
  const { url } = address;
  return { ...head, endpoint: endpointOf(address, ca), host: url.host, prefix: url.pathname.replace(/\/+$/, '') };
}

function operatorApi({ url, socketPath, key }: Located, system: string, ca: string | undefined): Api {
  if (socketPath !== undefined) return { endpoint: { socketPath }, host: 'localhost', prefix: '', system, key };
  return apiOf(urlAddress(url ?? '', '--server'), { system, key }, ca);
}
