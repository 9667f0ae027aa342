import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';

/** Something that all living nodes of a cluster must have alike. */
export interface Term {
  /** The setting. */
  readonly key: string;
  /** Kept in Redis and shown to people as it is, unless it is secret. */
  readonly value: string;
  /** Kept and compared as a fingerprint; shown to nobody. */
  readonly secret?: boolean;
  /** What people should know of how this node came to its value. */
  readonly note?: string;
}

/** How a term of this node and another node's differ. */
export interface Difference {
  readonly term: Term;
  /** The other's value, or its fingerprint. */
  readonly theirs: string;
}

const digestBytes = 16;

/** As the leases keep it: one JSON object, each value below its setting. Secrets are slow to try against theirs (scrypt, RFC 7914). */
export async function printTerms(terms: readonly Term[], cluster: string): Promise<string> {
  const entries = terms.map(async ({ key, value, secret = false }) => {
    return [key, secret ? await fingerprintOf(value, `yunque ${key} of the cluster ${cluster}`) : value] as const;
  });
  return JSON.stringify(Object.fromEntries(await Promise.all(entries)));
}

/** The first term that both have and that differs. A version of the program may know terms that another does not. */
export function differenceOf(terms: readonly Term[], own: string, other: string): Difference | undefined {
  const [ours, theirs] = [readTerms(own), readTerms(other)];
  for (const term of terms) {
    const value = theirs[term.key];
    if (typeof value === 'string' && value !== ours[term.key]) return { term, theirs: value };
  }
  return undefined;
}

async function fingerprintOf(secret: string, salt: string): Promise<string> {
  const digest = (await promisify(scrypt)(secret, salt, digestBytes)) as Buffer;
  return digest.toString('hex');
}

function readTerms(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
