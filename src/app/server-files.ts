import { readFileSync } from 'node:fs';
import { StartError } from '../util/start-error.ts';

export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** PEM. */
export interface TlsTexts {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

/** Reads the files that `prefix.ca`, `prefix.cert` and `prefix.key` name. Throws `StartError` (78) for one that cannot be read. */
export function readTls(prefix: string, { ca, cert, key }: TlsFiles): TlsTexts {
  return {
    ...(ca !== undefined && { ca: readPem(`${prefix}.ca`, ca) }),
    ...(cert !== undefined && { cert: readPem(`${prefix}.cert`, cert) }),
    ...(key !== undefined && { key: readPem(`${prefix}.key`, key) }),
  };
}

function readPem(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StartError(`${path} cannot be read: ${(cause as Error).message}`, {
      at: { key: setting },
      hint: 'name a PEM file that this user can read',
      exitCode: 78,
      cause,
    });
  }
}

/** `host:port`, an IPv6 address in brackets. */
export function textOfPlace({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
