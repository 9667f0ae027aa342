import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { decodeJwt, SignJWT } from 'jose';
import { loadDialects } from '../../load/dialects.ts';
import type { ClientPlan, Endpoint } from '../../load/thread-protocol.ts';
import { descriptorLimit } from '../../util/descriptor-limit.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { readKey } from '../token/mint.ts';
import { readSecretInput } from '../token/secret-input.ts';
import type { ClientFlags } from './flags.ts';
import type { Place } from './place.ts';

export interface BenchClients {
  readonly plans: readonly ClientPlan[];
  /** By client; empty strings where clients are nobody. */
  readonly uids: readonly string[];
}

/** Who connects: `targets[i]` is whose messages client i must see. */
export async function planClients(
  context: CliContext,
  flags: ClientFlags,
  place: Place,
  targets: readonly number[],
): Promise<BenchClients> {
  const { bind, path } = loadDialects[flags.dialect];
  const tokens = await clientTokens(context, flags, place, targets.length);
  const sources = sourceAddresses(place.ws, targets.length);
  const uids = targets.map((_, at) => (bind === undefined ? '' : (tokens?.[at]?.uid ?? uidOf(place, at))));
  const plans = targets.map((target, at): ClientPlan => {
    const query = new URLSearchParams({ systemId: place.system });
    const token = tokens?.[at]?.token;
    // A token binds by itself; the device is named, so that each is a device like the others.
    if (token !== undefined)
      for (const [name, value] of Object.entries({ token, ...tokenDevice })) query.set(name, value);
    const hello = bind !== undefined && token === undefined ? bind(uids[at] ?? '') : undefined;
    return {
      path: `${place.wsPath || path}?${query}`,
      target,
      hello,
      localAddress: sources?.[at % sources.length],
    };
  });
  return { plans, uids };
}

const tokenDevice = { channel: 'web', deviceId: 'yunque-bench', deviceName: 'yunque-bench' } as const;

/** Of one width: then messages to all users have the same length. */
function uidOf({ prefix }: Place, at: number): string {
  return `${prefix}-${String(at).padStart(7, '0')}`;
}

interface ClientToken {
  readonly uid: string;
  readonly token: string;
}

async function clientTokens(
  context: CliContext,
  flags: ClientFlags,
  place: Place,
  count: number,
): Promise<readonly ClientToken[] | undefined> {
  const { tokenFile, secretFile, privateKeyFile } = flags;
  if (tokenFile !== undefined) return await readTokens(context, tokenFile, count);
  if (secretFile === undefined && privateKeyFile === undefined) return undefined;
  const { key, alg } = await readKey(context, flags);
  // Good for the whole run, however long; nobody sees them.
  const exp = Math.floor(Date.now() / 1000 + flags.duration / 1000) + 3600;
  const uids = Array.from({ length: count }, (_, at) => uidOf(place, at));
  return await Promise.all(
    uids.map(async (uid) => {
      const jwt = new SignJWT({ sub: uid, sys: place.system, exp });
      jwt.setProtectedHeader({ alg, typ: 'JWT', ...(flags.kid !== undefined && { kid: flags.kid }) });
      if (flags.issuer !== undefined) jwt.setIssuer(flags.issuer);
      if (flags.audience !== undefined) jwt.setAudience(flags.audience);
      return { uid, token: await jwt.sign(key) };
    }),
  );
}

/** One a line: a token, or a uid and a token. */
async function readTokens(context: CliContext, file: string, count: number): Promise<readonly ClientToken[]> {
  const text = await readSecretInput(context, file, '--token-file');
  const tokens = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line, at): ClientToken => {
      const words = line.trim().split(/\s+/);
      const token = words.at(-1) ?? '';
      const uid = words.length > 1 ? words[0] : subjectOf(token);
      if (uid !== undefined) return { uid, token };
      throw new CliError(`--token-file: whose token is that in line ${at + 1}?`, {
        hint: 'write the uid before it, with a space between them',
      });
    });
  if (tokens.length >= count) return tokens;
  throw new CliError(`--token-file: ${tokens.length} tokens are too few for ${count} clients`, {
    hint: `take --clients ${tokens.length}, or let them be made with --secret-file`,
  });
}

function subjectOf(token: string): string | undefined {
  try {
    return decodeJwt(token).sub;
  } catch {
    return undefined;
  }
}

/** Descriptors that are no client's: standard streams, threads, the lanes of the sender. */
const otherDescriptors = 100;

/** Throws `CliError` where this process may not have so many sockets. */
export function requireDescriptors(sockets: number, limit = descriptorLimit()): void {
  const needed = sockets + otherDescriptors;
  if (limit === undefined || needed <= limit) return;
  throw new CliError(`${sockets} connections need ${needed} file descriptors, and this process may have ${limit}`, {
    hint: `raise it in this shell with \`ulimit -n ${needed}\`, or take fewer --clients; a server on this machine needs as many of its own`,
  });
}

const portRangeFile = '/proc/sys/net/ipv4/ip_local_port_range';
/** Of a range; others use ports too, and those of the last run are not free at once. */
const usableShare = 0.4;

/** An address has so many ports towards one server. All of 127.0.0.0/8 is this machine's on Linux, so more addresses are taken there. */
export function sourceAddresses({ host }: Pick<Endpoint, 'host'>, clients: number): readonly string[] | undefined {
  const isLoopback = isIPv4(host) && host.startsWith('127.');
  if (process.platform !== 'linux' || !isLoopback) return undefined;
  const [first = 32768, last = 60999] = readFileSync(portRangeFile, 'utf8').trim().split(/\s+/).map(Number);
  const needed = Math.ceil(clients / ((last - first) * usableShare));
  return needed <= 1 ? undefined : Array.from({ length: Math.min(needed, 250) }, (_, at) => `127.0.0.${at + 2}`);
}
