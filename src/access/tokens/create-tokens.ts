import { defaultSystem } from '../../api/system.ts';
import { type Awaitable, after } from '../../util/awaitable.ts';
import type { OnAnswer } from './health.ts';
import { notValid, refuse, refuseGenuine, type TokenClaims, type TokenSource, unavailable } from './source.ts';
import type { TokenRefusal, Tokens, TokenVerdict } from './tokens.ts';

export interface TokensOptions {
  /** Asked in this order until one accepts the token. */
  readonly sources: readonly TokenSource[];
  /** `token`: every system takes one; `anonymous`: none does; undefined: those that a source covers. */
  readonly connect?: 'anonymous' | 'token' | undefined;
  /** Told what each question to a source came to. */
  readonly onAnswer?: OnAnswer | undefined;
}

/** A longer one is refused unread. */
export const maxTokenBytes = 8192;

/** Closing `Tokens` closes the sources. */
export function createTokens({ sources, connect, onAnswer = () => {} }: TokensOptions): Tokens {
  const judge = (
    source: TokenSource,
    claims: TokenClaims | TokenRefusal | undefined,
    system: string | undefined,
  ): TokenVerdict => {
    if (claims === undefined) return abandoned;
    onAnswer(source, claims);
    if (!claims.valid) return claims;
    const { uid, deviceId, expiresAt } = claims;
    const own = claims.system ?? system ?? defaultSystem;
    // A token of one system is nothing in another, whoever asks.
    if ((system !== undefined && own !== system) || !covers(source, own)) {
      return refuseGenuine('the token is for another system', `it is for ${JSON.stringify(own)}`);
    }
    const user = deviceId === undefined ? { uid, system: own } : { uid, system: own, deviceId };
    return { valid: true, user: expiresAt === undefined ? user : { ...user, expiresAt }, source: source.name };
  };

  const ask = (source: TokenSource, { token, system, signalOf }: Asked): Awaitable<TokenVerdict> => {
    const known = source.checkNow?.(token);
    if (known !== undefined) return judge(source, known, system);
    const signal = signalOf?.();
    if (signal?.aborted === true) return abandoned;
    const checked = source.check(token, system, signal).catch((error: unknown) => unavailable(String(error)));
    return unlessAborted(checked, signal).then((claims) => judge(source, claims, system));
  };

  /** Asks the sources from the `at`th on. */
  const askFrom = (at: number, asked: Asked, worst: TokenRefusal): Awaitable<TokenVerdict> => {
    const source = sources[at];
    if (source === undefined) return worst;
    const system = source.isElsewhere ? (asked.system ?? defaultSystem) : asked.system;
    if (system !== undefined && !covers(source, system)) return askFrom(at + 1, asked, worst);
    return after(ask(source, asked), (verdict) => {
      if (verdict.valid || verdict === abandoned) return verdict;
      return askFrom(at + 1, asked, weight(verdict) >= weight(worst) ? verdict : worst);
    });
  };

  return {
    isRequired: (system) =>
      connect === undefined ? sources.some((each) => covers(each, system)) : connect === 'token',
    verify(token, system, signalOf) {
      const wrong = wrongWithToken(token);
      if (wrong !== undefined) return refuse(wrong);
      return askFrom(0, { token, system, signalOf }, uncovered);
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

interface Asked {
  readonly token: string;
  readonly system: string | undefined;
  readonly signalOf: (() => AbortSignal) | undefined;
}

const abandoned = unavailable('nobody waited for the answer');
const uncovered = refuse('no source of auth.tokens covers this system');

/** Undefined once `signal` has aborted, however long the work then goes on. The work never rejects. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return work;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener('abort', onAbort);
  const result = await Promise.race([aborted, work]);
  signal.removeEventListener('abort', onAbort);
  return signal.aborted ? undefined : result;
}

function covers({ systems }: TokenSource, system: string): boolean {
  return systems === undefined || systems.includes(system);
}

/** Bearer tokens are visible ASCII (RFC 6750, section 2.1, and more than it allows). */
function wrongWithToken(token: string): string | undefined {
  if (token === '') return 'the token is empty';
  if (token.length > maxTokenBytes) return `it is longer than ${maxTokenBytes} bytes`;
  return /^[!-~]+$/.test(token) ? undefined : 'it has a space, a control character or one outside ASCII';
}

/** Of several refusals the client gets the one it can do most about. */
function weight({ code, message }: TokenRefusal): number {
  if (code === 'token_expired') return 3;
  if (code === 'unavailable') return 2;
  return message === notValid ? 0 : 1;
}
