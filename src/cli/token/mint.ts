import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { readSecret } from '../../access/tokens/jwt-source.ts';
import { readClaims } from '../../access/tokens/read-claims.ts';
import type { JwtAlgorithm } from '../../access/tokens/verify-jwt.ts';
import { defaultSystem } from '../../api/system.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { readSecretInput } from './secret-input.ts';

export interface MintFlags {
  readonly uid: string;
  readonly device?: string;
  /** Milliseconds. */
  readonly ttl: number;
  readonly secretFile?: string;
  readonly privateKeyFile?: string;
  readonly alg?: JwtAlgorithm;
  readonly issuer?: string;
  readonly audience?: string;
  readonly kid?: string;
}

/** Longer ids than a node takes by itself, for `limits.idBytes` may allow them. */
const mostIdBytes = 4096;

interface MintTerms {
  readonly key: KeyObject;
  readonly alg: JwtAlgorithm;
  readonly system: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly exp: number;
}

/** All that a token is made of and no flag says. Rejects with `CliError` where it cannot be made. */
export async function mintTerms(context: CliContext, flags: MintFlags): Promise<MintTerms> {
  const { uid, device, ttl } = flags;
  const system = context.globals.system ?? defaultSystem;
  const now = Math.floor(Date.now() / 1000);
  const exp = now + Math.max(1, Math.round(ttl / 1000));
  const raw = { uid, system, deviceId: device, expiresAt: exp * 1000 };
  const names = { uid: '--uid', system: '--system', deviceId: '--device', expiresAt: '--ttl' };
  const checked = readClaims(raw, names, { idBytes: mostIdBytes, clockSkewMs: 0 });
  if (!checked.valid) throw new CliError(checked.message);

  return { ...(await readKey(context, flags)), system, now, exp };
}

/** Prints a JWT, and nothing else on standard output. It names its system, so that it is good for no other. */
export async function runMint(context: CliContext, flags: MintFlags): Promise<void> {
  const { uid, device, issuer, audience, kid } = flags;
  const { line } = context.text;
  const { key, alg, system, now, exp } = await mintTerms(context, flags);
  const jwt = new SignJWT({ sub: uid, sys: system, ...(device !== undefined && { did: device }), iat: now, exp });
  jwt.setProtectedHeader({ alg, typ: 'JWT', ...(kid !== undefined && { kid }) });
  if (issuer !== undefined) jwt.setIssuer(issuer);
  if (audience !== undefined) jwt.setAudience(audience);
  const token = await jwt.sign(key);
  const expiresAt = exp * 1000;
  (await context.printer()).line('yunque.token/1', { token, uid, system, deviceId: device, expiresAt, alg }, token);
  context.note(line.minted(uid, system, new Date(expiresAt).toISOString()));
}

/** The key that tokens are signed with; exactly one of the two files must be named. */
export async function readKey(
  context: CliContext,
  flags: Pick<MintFlags, 'secretFile' | 'privateKeyFile' | 'alg'>,
): Promise<{ key: KeyObject; alg: JwtAlgorithm }> {
  const { secretFile, privateKeyFile } = flags;
  const { line } = context.text;
  if ((secretFile === undefined) === (privateKeyFile === undefined)) {
    throw new CliError(line.oneKey, { hint: line.oneKeyHint });
  }
  if (secretFile !== undefined) {
    const text = await readSecretInput(context, secretFile, '--secret-file');
    const key = readable('--secret-file', () => readSecret(text));
    return { key, alg: agreed(flags.alg, 'HS256', '--secret-file') };
  }
  const text = await readSecretInput(context, privateKeyFile ?? '', '--private-key-file');
  const key = readable('--private-key-file', () => readPrivateKey(text));
  return { key, alg: agreed(flags.alg, algorithmOf(key), '--private-key-file') };
}

function agreed(wanted: JwtAlgorithm | undefined, fitting: JwtAlgorithm, option: string): JwtAlgorithm {
  if (wanted === undefined || wanted === fitting) return fitting;
  throw new CliError(`--alg ${wanted} does not fit the key of ${option}, which is for ${fitting}`);
}

function readPrivateKey(text: string): KeyObject {
  try {
    const isJwk = text.trimStart().startsWith('{');
    return createPrivateKey(isJwk ? { key: JSON.parse(text) as never, format: 'jwk' } : text);
  } catch {
    throw new Error('it holds no private key in PEM or as a JWK that can be used without a passphrase');
  }
}

function algorithmOf(key: KeyObject): JwtAlgorithm {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) return 'RS256';
  if (namedCurve === 'prime256v1') return 'ES256';
  throw new CliError('--private-key-file: expected an RSA key of 2048 bits or more, or an EC key on P-256');
}

function readable<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CliError(`${option}: ${(error as Error).message}`);
  }
}
