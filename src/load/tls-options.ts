import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Endpoint } from './thread-protocol.ts';

/** An address is no server name (RFC 6066 section 3). */
export function tlsOptions(host: string, { ca }: NonNullable<Endpoint['tls']>): ConnectionOptions {
  return { ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) };
}
