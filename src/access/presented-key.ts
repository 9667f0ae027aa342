import { hash, timingSafeEqual } from 'node:crypto';
import type { Requested } from './access.ts';

/**
 * The key a request brings: `Authorization: Bearer KEY` (any case) or `X-API-Key: KEY`, never from the URL. A header with
 * an empty or broken key is a wrong key, not none.
 */
export function presentedKey(request: Requested): string | undefined {
  const { authorization, 'x-api-key': header } = request.headers;
  const bearer = authorization === undefined ? undefined : /^bearer\b(.*)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer.trim();
  return typeof header === 'string' ? header : undefined;
}

/** Compares in the same time whatever is presented. */
export function matchesDigest(key: string, expected: Buffer): boolean {
  return timingSafeEqual(digestOfKey(key), expected);
}

/** What a configured or generated key is compared by. */
export function digestOfKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
