import { hkdfSync } from 'node:crypto';
import type { Config } from './schema.ts';

/**
 * What nodes prove to each other: `cluster.secret`, or 64 hexadecimal digits derived from `crypto.key` by HKDF-SHA256 (RFC 5869: no salt,
 * info `yunque cluster secret 1`). A checked configuration of cluster mode has one of the two.
 */
export function clusterSecretOf({ cluster, crypto }: Pick<Config, 'cluster' | 'crypto'>): string {
  if (cluster.secret !== undefined) return cluster.secret;
  if (crypto.key === undefined) throw new Error('there is neither cluster.secret nor crypto.key');
  return Buffer.from(hkdfSync('sha256', crypto.key, '', 'yunque cluster secret 1', 32)).toString('hex');
}
