import { hostOf, isLoopback } from '../util/address.ts';
import type { Path } from './kind.ts';
import type { TokenSetting } from './token-source.ts';

/** What is wrong, and what is unwise, about the sources of tokens and who needs one. */
export interface TokenFindings {
  /** About `auth.connect`. */
  readonly problem: string | undefined;
  /** About parts of `auth.tokens`. */
  readonly warnings: readonly { readonly path: Path; readonly message: string }[];
}

export function checkTokens(sources: readonly TokenSetting[], connect: unknown): TokenFindings {
  const isImpossible = connect === 'token' && sources.length === 0;
  return {
    problem: isImpossible
      ? 'a token is required and auth.tokens has no source to check it with, so nobody could connect; add a source, or leave auth.connect out'
      : undefined,
    warnings: sources.flatMap((source, index) => {
      if (source.type !== 'jwks' && source.type !== 'http') return [];
      if (!isPlainAndFar(source.url)) return [];
      const risk = source.type === 'jwks' ? 'put in keys of their own' : 'read the tokens and answer in its place';
      return [{ path: [index, 'url'], message: `whoever is on the way there can ${risk}; use https` }];
    }),
  };
}

/** A URL that others on the network can read along. */
export function isPlainAndFar(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:') return false;
  const host = hostOf(url.host);
  return host !== 'localhost' && !isLoopback(host);
}
