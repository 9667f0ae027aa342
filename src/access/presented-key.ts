import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * The key a request brings: `Authorization: Bearer KEY` (any case) or `X-API-Key: KEY`, never from the URL. A header with
 * an empty or broken key is a wrong key, not none.
 */
export function presentedKey(request: IncomingMessage): string | undefined {
  const bearer = /^bearer\b(.*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer.trim();
  const header = request.headers['x-api-key'];
  return typeof header === 'string' ? header : undefined;
}

/** Compares in the same time whatever is presented. */
export function matchesDigest(key: string, expected: Buffer): boolean {
  return timingSafeEqual(digestOfKey(key), expected);
}

/** What a configured or generated key is compared by. */
export function digestOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
