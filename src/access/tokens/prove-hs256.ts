import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { createHmacSha256 } from './hmac-sha256.ts';

/** Of a header nobody has to think about: HS256, perhaps a type, perhaps the key's name. */
const plainFields: ReadonlySet<string> = new Set(['alg', 'typ', 'kid']);

/** Compared as Latin-1, a character beyond it would be like another one. */
const isBase64url = /^[\w-]*$/;

/** Of 32 bytes in base64url. */
const signatureLength = 43;

/**
 * Proves a JWT of HS256 (RFC 7515, section 5.2; RFC 7518, section 3.2) in this turn of the loop, where Web Cryptography takes a thread and a few
 * turns. Answers its payload as it was signed, in base64url; undefined for whatever is not right, or not plain: nothing is said about it
 * then, and the library that knows the whole of it has the word. `isHeaderGood`: asked for each header that is new.
 */
export function createHs256Proof(
  key: KeyObject,
  isHeaderGood: (header: { readonly kid?: unknown }) => boolean,
): (token: string) => string | undefined {
  const sign = createHmacSha256(key);
  const wanted = Buffer.alloc(signatureLength);
  const given = Buffer.alloc(signatureLength);
  // Tokens of one issuer begin alike.
  let goodHeader: string | undefined;
  return (token) => {
    const headerEnd = token.indexOf('.');
    const end = token.lastIndexOf('.');
    if (headerEnd <= 0 || end === headerEnd) return undefined;
    const header = token.slice(0, headerEnd);
    const payload = token.slice(headerEnd + 1, end);
    if (payload.includes('.')) return undefined;
    if (header !== goodHeader) {
      const fields = plainHeader(header);
      if (fields === undefined || !isHeaderGood(fields)) return undefined;
      goodHeader = header;
    }
    if (token.length - end - 1 !== signatureLength || !isBase64url.test(token.slice(end + 1))) return undefined;
    wanted.write(sign(token.slice(0, end)), 'latin1');
    given.write(token.slice(end + 1), 'latin1');
    return timingSafeEqual(given, wanted) ? payload : undefined;
  };
}

function plainHeader(encoded: string): { readonly kid?: unknown } | undefined {
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) return undefined;
  try {
    const header = JSON.parse(bytes.toString()) as Record<string, unknown> | null;
    if (typeof header !== 'object' || header === null || header['alg'] !== 'HS256') return undefined;
    return Object.keys(header).every((field) => plainFields.has(field)) ? header : undefined;
  } catch {
    return undefined;
  }
}
