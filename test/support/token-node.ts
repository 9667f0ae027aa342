import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { Logger } from '../../src/telemetry/log.ts';
import { startTestNode, type TestNode } from './node.ts';
import { type Closed, paths, type WsClient } from './ws-clients.ts';
import type { DialectName, Received } from './ws-decode.ts';

export interface Claims {
  readonly sub?: string;
  readonly sys?: string;
  readonly did?: string;
  /** Seconds from now; default ten minutes. */
  readonly endsIn?: number;
  readonly nbf?: number;
}

export interface TokenNode extends AsyncDisposable {
  readonly node: TestNode;
  /** A token for alice unless the claims say otherwise, signed with the node's secret or another one. */
  mint(claims?: Claims, secret?: Uint8Array): Promise<string>;
}

/**
 * A real node whose systems `shop` and `other` take tokens signed with a secret (HS256), whose system `down` takes those of a hook that is
 * not there, and whose system `open` and `default` take none.
 */
export async function startTokenNode(set: readonly string[] = [], log?: Logger): Promise<TokenNode> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-tokens-'));
  const secret = randomBytes(32).toString('base64');
  const secretFile = join(folder, 'token.secret');
  await writeFile(secretFile, secret, { mode: 0o600 });
  const sources = [
    { type: 'jwt', algorithm: 'HS256', secretFile, systems: ['shop', 'other'] },
    { type: 'http', url: 'http://127.0.0.1:1/', secretFile, systems: ['down'] },
  ];
  const node = await startTestNode({
    set: [`auth.tokens=${JSON.stringify(sources)}`, 'systems.list=shop,other,down,open', ...set],
    ...(log && { log }),
  });
  return {
    node,
    mint: (claims = {}, key = Buffer.from(secret)) => sign(claims, key),
    [Symbol.asyncDispose]: async () => {
      await node[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;

function sign({ sub = 'alice', endsIn = 600, ...more }: Claims, key: Uint8Array): Promise<string> {
  return new SignJWT({ sub, exp: seconds(endsIn), ...more }).setProtectedHeader({ alg: 'HS256' }).sign(key);
}

export function unsigned(): string {
  return new UnsecuredJWT({ sub: 'alice', exp: seconds(600) }).encode();
}

/** The address of a dialect with a token, and whatever else, in its query. */
export function urlWith(
  node: TestNode,
  dialect: DialectName,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${node.ws}${paths[dialect]}?${new URLSearchParams(given)}`;
}

/** How a client was refused: the REPLY to `client_handshake` that all dialects send, and the close behind it. */
export async function refusalOf(
  client: WsClient,
): Promise<Closed & { readonly message: string; readonly status: string }> {
  const { body } = await client.next(isRefusal, 'a refusal');
  const { code, reason } = await client.closed;
  return { code, reason, status: String(body['code']), message: String(body['message'] ?? body['msg']) };
}

function isRefusal({ type, body }: Received): boolean {
  return type === 'reply' && body['key'] === 'client_handshake';
}
