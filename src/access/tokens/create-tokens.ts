import { defaultSystem } from '../../api/system.ts';
import type { OnAnswer } from './health.ts';
import { notValid, refuse, refuseGenuine, type TokenSource, unavailable } from './source.ts';
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
  const ask = async (
    source: TokenSource,
    token: string,
    system: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<TokenVerdict> => {
    let claims = source.checkNow?.(token);
    if (claims === undefined) {
      const checked = source.check(token, system, signal).catch((error: unknown) => unavailable(String(error)));
      claims = await unlessAborted(checked, signal);
    }
    if (claims === undefined) return abandoned;
    onAnswer(source, claims);
    if (!claims.valid) return claims;
    const { uid, deviceId, expiresAt } = claims;
    const own = claims.system ?? system ?? defaultSystem;
    // A token of one system is nothing in another, whoever asks.
    if ((system !== undefined && own !== system) || !covers(source, own)) {
      return refuseGenuine('the token is for another system', `it is for ${JSON.stringify(own)}`);
    }
    const user = { uid, system: own, ...(deviceId !== undefined && { deviceId }) };
    return { valid: true, user: expiresAt === undefined ? user : { ...user, expiresAt }, source: source.name };
  };

  return {
    isRequired: (system) =>
      connect === undefined ? sources.some((each) => covers(each, system)) : connect === 'token',
    async verify(token, system, signal) {
      const wrong = wrongWithToken(token);
      if (wrong !== undefined) return refuse(wrong);
      let worst = refuse('no source of auth.tokens covers this system');
      for (const source of sources) {
        const asked = source.isElsewhere ? (system ?? defaultSystem) : system;
        if (asked !== undefined && !covers(source, asked)) continue;
        if (signal?.aborted === true) return abandoned;
        const verdict = await ask(source, token, system, signal);
        if (verdict.valid) return verdict;
        if (weight(verdict) >= weight(worst)) worst = verdict;
      }
      return worst;
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

const abandoned = unavailable('nobody waited for the answer');

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
