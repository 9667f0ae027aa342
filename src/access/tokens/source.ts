import type { TokenRefusal } from './tokens.ts';

/** What a source says a token is, its ids checked; whether the system is one it may speak for is judged later. */
export interface TokenClaims {
  readonly valid: true;
  readonly uid: string;
  readonly system: string | undefined;
  readonly deviceId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
}

/** One way to find out who the bearer of a token is. */
export interface TokenSource {
  /** For the operator: `auth.tokens[0] (jwt)`. */
  readonly name: string;
  /** The systems it may speak for; undefined: all. */
  readonly systems: readonly string[] | undefined;
  /** Checking shows the token to somebody else: only those who are asked for their own system see it. */
  readonly isElsewhere: boolean;
  /** `system`: the one that was asked for, if any. `signal`: nobody waits for the answer any more. Never throws. */
  check(token: string, system: string | undefined, signal?: AbortSignal): Promise<TokenClaims | TokenRefusal>;
  /** The same without waiting, where that can be said at once; undefined: `check` has to be asked. */
  checkNow?(token: string): TokenClaims | TokenRefusal | undefined;
  close(): Promise<void>;
}

/** Told for every token that nobody vouches for, whatever is wrong with it: forgers learn nothing about keys. */
export const notValid = 'the token is not valid';

export function refuse(detail: string): TokenRefusal {
  return { valid: false, code: 'unauthorized', message: notValid, detail };
}

/** A token that its source vouches for, and that is not good enough all the same. */
export function refuseGenuine(message: string, detail?: string): TokenRefusal {
  return { valid: false, code: 'unauthorized', message, ...(detail !== undefined && { detail }) };
}

export function unavailable(detail: string): TokenRefusal {
  return { valid: false, code: 'unavailable', message: 'the token cannot be checked right now', detail };
}
