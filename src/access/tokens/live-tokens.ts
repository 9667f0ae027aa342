import type { Tokens } from './tokens.ts';

/** Tokens whose sources can be others from one moment to the next. */
export interface LiveTokens extends Tokens {
  /** Whatever is verified from now on asks these; those before are closed. */
  replace(next: Tokens): Promise<void>;
}

export function createLiveTokens(first: Tokens): LiveTokens {
  let current = first;
  return {
    isRequired: (system) => current.isRequired(system),
    verify: (token, system) => current.verify(token, system),
    async replace(next) {
      const before = current;
      current = next;
      await before.close();
    },
    close: () => current.close(),
  };
}
