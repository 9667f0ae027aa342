import type { TokenSource } from './source.ts';
import type { Tokens, TokenVerdict } from './tokens.ts';

/** Tokens whose sources can be others from one moment to the next. */
export interface LiveTokens extends Tokens {
  /** Whatever is verified from now on asks these. `gone` are sources they no longer have: each is closed when what is being verified now has its verdict. */
  replace(next: Tokens, gone: readonly TokenSource[]): void;
}

export function createLiveTokens(first: Tokens): LiveTokens {
  let current = first;
  const underWay = new Set<Promise<TokenVerdict>>();
  const leaving = new Set<TokenSource>();

  const closeWhenUnused = async (gone: readonly TokenSource[]): Promise<void> => {
    for (const source of gone) leaving.add(source);
    await Promise.all(underWay);
    for (const source of gone) {
      if (leaving.delete(source)) await source.close();
    }
  };

  const follow = async (verdict: Promise<TokenVerdict>): Promise<TokenVerdict> => {
    underWay.add(verdict);
    try {
      return await verdict;
    } finally {
      underWay.delete(verdict);
    }
  };

  return {
    isRequired: (system) => current.isRequired(system),
    verify(token, system, signalOf) {
      const verdict = current.verify(token, system, signalOf);
      return verdict instanceof Promise ? follow(verdict) : verdict;
    },
    replace(next, gone) {
      current = next;
      void closeWhenUnused(gone);
    },
    async close() {
      const gone = [...leaving];
      leaving.clear();
      await Promise.all([current.close(), ...gone.map((source) => source.close())]);
    },
  };
}
