import type { TokenClaims, TokenSource } from './source.ts';
import type { TokenRefusal } from './tokens.ts';

export type OnAnswer = (source: TokenSource, claims: TokenClaims | TokenRefusal) => void;

/** A source that fails now and then is not worth two lines each time. */
const calmMs = 10_000;

/** `tell` hears once that a source cannot be asked, by its name, and once, with undefined, that it has answered again. */
export function createHealth(tell: (source: string, failure: string | undefined) => void): OnAnswer {
  const lastFailure = new WeakMap<TokenSource, number>();
  return (source, claims) => {
    const at = lastFailure.get(source);
    if (!claims.valid && claims.code === 'unavailable') {
      if (at === undefined) tell(source.name, claims.detail ?? claims.message);
      lastFailure.set(source, performance.now());
    } else if (at !== undefined && performance.now() - at > calmMs) {
      lastFailure.delete(source);
      tell(source.name, undefined);
    }
  };
}
