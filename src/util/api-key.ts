import { hash, randomBytes, randomInt } from 'node:crypto';

/** What is looked up by `id` and compared: SHA-256 of the secret's text. 256 random bits need no slow hash. */
export interface KeyProof {
  readonly id: string;
  readonly digest: Buffer;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const form = /^yq_([a-z0-9]{10})_([\w-]{43})$/;

/** A new key: `yq_<id>_<secret>`, the id 10 of [a-z0-9] and public, the secret 32 random bytes in base64url. */
export function createApiKey(): KeyProof & { readonly text: string } {
  const id = Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const secret = randomBytes(32).toString('base64url');
  return { id, digest: digestOf(secret), text: `yq_${id}_${secret}` };
}

/** Undefined for a text that is no key of this form. */
export function readApiKey(text: string): KeyProof | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, digest: digestOf(secret) };
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
