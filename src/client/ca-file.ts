import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RuntimeEnv } from '../util/runtime-paths.ts';
import { ClientError } from './client-error.ts';

export interface CaOptions {
  /** PEM; else `YUNQUE_CA_FILE`. */
  readonly caFile?: string | undefined;
  readonly env: RuntimeEnv;
}

/**
 * The authority, or the very certificate, that a server has to be vouched for by, in the place of those the program knows. Undefined where
 * none is named. Rejects with `ClientError` of kind `usage`.
 */
export async function readCa({ caFile, env }: CaOptions): Promise<string | undefined> {
  const [file, by] = caFile ? [caFile, '--ca-file'] : [env['YUNQUE_CA_FILE'], 'YUNQUE_CA_FILE'];
  if (!file) return undefined;
  const pem = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ClientError('usage', `${by}: cannot read ${file} (${cause.code})`, { cause });
  });
  try {
    // Without this a file that holds none would be no error, and every server refused.
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const hint = 'a certificate in PEM begins with -----BEGIN CERTIFICATE-----';
    throw new ClientError('usage', `${by}: ${file} does not hold a certificate`, { hint, cause });
  }
}
