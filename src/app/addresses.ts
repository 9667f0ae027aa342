import { networkInterfaces } from 'node:os';
import type { Config } from '../config/schema.ts';

/** URLs a listener is reached at, this machine's own name for it first. */
export function listenAddresses(scheme: 'http' | 'https', host: string | undefined, port: number): string[] {
  if (host !== undefined && host !== '::' && host !== '0.0.0.0') return [`${scheme}://${bracketed(host)}:${port}`];
  const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const outside = others.filter((a) => !a.internal && a.family === 'IPv4').map((a) => a.address);
  return ['127.0.0.1', ...outside].map((address) => `${scheme}://${address}:${port}`);
}

/** URLs of the internal listener; none without one. */
export function internalAddresses({ listen, tls }: Config['internal'], port: number | undefined): readonly string[] {
  if (listen === undefined || port === undefined) return [];
  return listenAddresses(tls ? 'https' : 'http', listen.host, port);
}

/** Where this process itself reaches a listener. */
export function ownAddress(host: string | undefined, port: number): string {
  const wildcard = host === undefined || host === '::' || host === '0.0.0.0';
  return `${bracketed(wildcard ? '127.0.0.1' : host)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
