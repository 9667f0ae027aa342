import type { ErrorCode } from '../../api/errors.ts';
import type { Awaitable } from '../../util/awaitable.ts';

/** Who a token says its bearer is. */
export interface TokenUser {
  readonly uid: string;
  /** The tenant. Where the token names none, the one that was asked for. */
  readonly system: string;
  /** The only device it is good for, where it names one. */
  readonly deviceId?: string;
  /** Milliseconds since the epoch; undefined: the source sets no end. */
  readonly expiresAt?: number;
}

export interface TokenRefusal {
  readonly valid: false;
  /** `unavailable`: the source could not be asked; the client may come again. */
  readonly code: Extract<ErrorCode, 'unauthorized' | 'token_expired' | 'unavailable'>;
  /** Says what is wrong and never repeats the token. */
  readonly message: string;
  /** The same for the operator, more exact: never told to a client, whom it would help to guess. */
  readonly detail?: string;
}

export type TokenVerdict =
  /** `source` names what accepted it, for the operator. */
  { readonly valid: true; readonly user: TokenUser; readonly source: string } | TokenRefusal;

/** What clients' tokens are checked with: all sources of the configuration together. */
export interface Tokens {
  /** Whether a source covers this system, so that connecting to it takes a token. */
  isRequired(system: string): boolean;
  /**
   * Asks the sources that cover `system`. Where none is named, a token that is checked here says it, or it is `default`; a source
   * elsewhere is asked only where it covers `default`, or one tenant's tokens would be shown to another's service. A
   * token of one source is never valid in a system that source does not cover. Answers at once where no source has to be waited for;
   * else `signalOf` is asked for a signal, and aborted, it answers `unavailable` at once. Never throws.
   */
  verify(token: string, system: string | undefined, signalOf?: () => AbortSignal): Awaitable<TokenVerdict>;
  close(): Promise<void>;
}
