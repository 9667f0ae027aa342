import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { createNetworks, plainAddress } from './address.ts';
import { lastMade } from './last-made.ts';

/** What a request of any kind shows of whom it comes from: Node's own, or a call of gRPC with its metadata as headers. */
export interface SentFrom {
  readonly headers: IncomingHttpHeaders;
  /** Of the connection it came by. */
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Whom a request comes from, for logs, lists and limits; never for trust. The TCP peer, or, when that is one of the `trusted` proxies
 * (addresses and CIDRs), the rightmost entry of X-Forwarded-For that is none of them: each proxy writes the address it saw behind those it was
 * told, so what stands further left is hearsay. An entry that is no address ends the reading with the last good one. Empty for a Unix socket.
 */
export function createClientAddress(trusted: readonly string[]): (request: SentFrom) => string {
  const isProxy = createNetworks(trusted);
  const peerOf = lastMade(plainAddress);
  return ({ socket, headers }) => {
    let address = peerOf(socket.remoteAddress ?? '');
    if (trusted.length === 0) return address;
    const entries = entriesOf(headers['x-forwarded-for']);
    while (isProxy(address)) {
      const before = addressIn(entries.pop() ?? '');
      if (before === undefined) return address;
      address = before;
    }
    return address;
  };
}

function entriesOf(header: string | readonly string[] | undefined): string[] {
  return header === undefined ? [] : [header].flat().join(',').split(',');
}

/** Of `10.0.0.1`, `10.0.0.1:443`, `fd00::1`, `[fd00::1]` and `[fd00::1]:443`. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim();
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  if (isIP(bare) === 0 || bare.includes('%')) return undefined;
  return isIP(bare) === 6 ? plainIPv6(bare) : bare;
}

/** In the shortest spelling; an IPv4 address in it, however it is spelled, is one. */
function plainIPv6(address: string): string {
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const bits = Number.parseInt(high, 16) * 0x10000 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
