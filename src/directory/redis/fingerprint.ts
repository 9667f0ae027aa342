import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';

/** Tells whether two nodes have the same crypto key, and is slow to try keys against (RFC 7914). */
export async function fingerprintOf(cryptoKey: string, cluster: string): Promise<string> {
  const salt = `yunque crypto key of the cluster ${cluster}`;
  const digest = (await promisify(scrypt)(cryptoKey, salt, 16)) as Buffer;
  return digest.toString('hex');
}
