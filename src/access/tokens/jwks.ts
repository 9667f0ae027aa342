import type * as Jose from 'jose';
import type { Answer } from '../../backends/bounded-http.ts';
import { type KeyOf, KeysUnavailable } from './verify-jwt.ts';

/** Keys older than this are fetched again, in the background. */
const freshMs = 10 * 60_000;
/** And are used no longer than this, where fetching fails. */
const keptMs = 60 * 60_000;
/** A key id that nobody knows asks again at most this often, so that inventing some is no way to make us ask. */
const unknownKidMs = 60_000;
/** Without any keys, every token would ask. */
const retryMs = 5000;

/** The keys of one issuer, by `kid`, fetched when they are needed. */
export function createJwks(jose: typeof Jose, fetchKeys: () => Promise<Answer>): KeyOf {
  let keys: { readonly find: Jose.LocalJWKSet; readonly at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure = '';
  let pending: Promise<void> | undefined;

  const fetchOnce = async (): Promise<void> => {
    triedAt = performance.now();
    try {
      const { status, text } = await fetchKeys();
      if (status !== 200) throw new Error(`it answered ${status}`);
      keys = { find: jose.createLocalJWKSet(JSON.parse(text)), at: triedAt };
      failure = '';
    } catch (error) {
      failure = `the keys cannot be fetched: ${(error as Error).message}`;
    }
  };
  /** Never rejects. */
  const refresh = (): Promise<void> => {
    pending ??= fetchOnce().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const sinceTry = (): number => performance.now() - triedAt;

  const current = async (): Promise<Jose.LocalJWKSet> => {
    const age = keys === undefined ? Number.POSITIVE_INFINITY : performance.now() - keys.at;
    if (keys !== undefined && age < keptMs) {
      if (age > freshMs && sinceTry() > unknownKidMs) void refresh();
      return keys.find;
    }
    if (pending !== undefined || sinceTry() > retryMs) await refresh();
    if (keys === undefined || performance.now() - keys.at >= keptMs) throw new KeysUnavailable(failure);
    return keys.find;
  };

  return async (header, token) => {
    const find = await current();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error;
      if (pending !== undefined || sinceTry() > unknownKidMs) await refresh();
      if (failure !== '') throw new KeysUnavailable(failure);
      return (await current())(header, token);
    }
  };
}
