import { refuseGenuine, type TokenClaims } from './source.ts';
import type { TokenRefusal } from './tokens.ts';

/** What every source keeps to. */
export interface ClaimRules {
  /** Longest id, in bytes of UTF-8. */
  readonly idBytes: number;
  /** How long after its end a token is still taken. */
  readonly clockSkewMs: number;
}

/** As a genuine token, or whoever was asked, says it. */
export interface RawClaims {
  readonly uid: unknown;
  readonly system: unknown;
  readonly deviceId: unknown;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
}

/** The latest time a `Date` can say. */
const latest = 8.64e15;

/** `names`: what the source calls these fields. */
export function readClaims(
  raw: RawClaims,
  names: Readonly<Record<'uid' | 'system' | 'deviceId' | 'expiresAt', string>>,
  { idBytes, clockSkewMs }: ClaimRules,
): TokenClaims | TokenRefusal {
  for (const field of ['uid', 'system', 'deviceId'] as const) {
    if (raw[field] === undefined && field !== 'uid') continue;
    const wrong = wrongWithId(raw[field], idBytes);
    if (wrong !== undefined) return refuseGenuine(`the token's ${names[field]} ${wrong}`);
  }
  const { uid, system, deviceId, expiresAt } = raw as RawClaims & Record<'uid' | 'system' | 'deviceId', string>;
  if (expiresAt === undefined) return { valid: true, uid, system, deviceId, expiresAt };
  if (!(Math.abs(expiresAt) <= latest)) return refuseGenuine(`the token's ${names.expiresAt} is no time`);
  const now = Date.now();
  if (expiresAt + clockSkewMs <= now) return expired;
  // Whoever's clock is behind the issuer's, or ahead of ours, is not closed before it was let in.
  return { valid: true, uid, system, deviceId, expiresAt: expiresAt > now ? expiresAt : expiresAt + clockSkewMs };
}

export const expired: TokenRefusal = { valid: false, code: 'token_expired', message: 'the token has expired' };

/** Ends a sentence that begins with the field's name. */
function wrongWithId(id: unknown, idBytes: number): string | undefined {
  if (id === undefined) return 'is missing';
  if (typeof id !== 'string') return 'is not text';
  if (id === '') return 'is empty';
  if (Buffer.byteLength(id) > idBytes) return `is longer than ${idBytes} bytes`;
  if (/\p{Cc}/u.test(id)) return 'has a control character';
  return id.isWellFormed() ? undefined : 'has half a surrogate pair';
}
