import { exactOrigin } from '../util/origin.ts';

/**
 * Whether the page of this `Origin` header may connect. Exact matches, no suffixes: a list with `https://good.com` takes neither
 * `https://good.com.evil.com` nor `https://x.good.com`. Without a header it is no browser, and an empty list takes every page.
 *
 * `origins`: as `exactOrigin` gives them.
 */
export function createOriginCheck(origins: readonly string[]): (header: string | undefined) => boolean {
  const allowed = new Set(origins);
  if (allowed.size === 0) return () => true;
  return (header) => {
    if (header === undefined) return true;
    const origin = exactOrigin(header);
    return origin !== undefined && allowed.has(origin);
  };
}
