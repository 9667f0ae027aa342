import { isIP } from 'node:net';
import { createNetworks, hostOf, isLoopback, plainAddress } from '../util/address.ts';
import { derived } from '../util/derived.ts';
import { lastMade } from '../util/last-made.ts';
import type { PeerTrust, Requested } from './access.ts';

export interface TrustOptions {
  readonly trustLoopback: boolean;
  /** Addresses and CIDRs. */
  readonly trustedNetworks: readonly string[];
}

/** Of a name in the DNS (RFC 1035); what is longer is shown cut. */
const longestHost = 253;

/** A request that carries one of these came through somebody else: its TCP peer says nothing about its sender. */
const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

const yes: PeerTrust = { trusted: true };
const no = (reason: string, hint: string): PeerTrust => ({ trusted: false, reason, hint });

/**
 * Decides whether a request may do things for where it comes from: from loopback or a trusted network, not forwarded, not
 * sent by a foreign web page, not under a foreign name.
 *
 * Any web page can make a browser on this machine POST to 127.0.0.1 (so Origin and Sec-Fetch-Site), and can give its own name
 * this machine's address (DNS rebinding, so Host: loopback is trusted only under a loopback name; and wherever a browser
 * shows itself, only under an address, which cannot be rebound).
 */
export function createTrustedPeer(options: TrustOptions): (request: Requested) => PeerTrust {
  const isTrustedNetwork = derived(() => options.trustedNetworks, createNetworks);
  // Most requests come from one backend.
  const peerOf = lastMade((remoteAddress) => {
    const address = plainAddress(remoteAddress);
    return { address, loopback: isLoopback(address) };
  });
  const nameOf = lastMade((authority) => {
    const host = hostOf(authority).slice(0, longestHost);
    return { host, isLoopback: isLoopbackName(host) };
  });

  return (request) => {
    const { address, loopback } = peerOf(request.socket.remoteAddress ?? '');
    const { headers } = request;
    // First: to trust the address of a proxy would help nobody it forwards, and open the node to all of them.
    const forwarded = forwardingHeaders.find((name) => headers[name] !== undefined);
    if (forwarded !== undefined) {
      const hint = 'no address is trusted through a proxy: bring a key or a token, or send it to the node directly';
      return no(`the request was forwarded (header ${forwarded})`, hint);
    }
    if (!(loopback ? options.trustLoopback : isTrustedNetwork()(address))) {
      return loopback
        ? no('loopback is not trusted here', 'set auth.trustLoopback: true')
        : no(
            `${address || 'this address'} is not trusted`,
            `add its network to auth.trustedNetworks, e.g. ["${address || '10.0.0.0/8'}"]`,
          );
    }
    // Two of them: which one a browser meant, and which one counts, is anybody's guess (RFC 9112 section 3.2).
    if (hasTwoHosts(request)) return no('it has more than one Host', 'send one');
    const name = nameOf(headers.host ?? '');
    const { host } = name;
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    if (loopback && !name.isLoopback) {
      return no(`Host "${host}" is not this machine's loopback`, 'call it by localhost or 127.0.0.1');
    }
    if (origin !== undefined && !isSameOrigin(origin, headers.host ?? '')) {
      return no('a web page of another origin sent it', 'pages cannot be trusted by address; send it from a backend');
    }
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return no('a web page of another site sent it', 'pages cannot be trusted by address; send it from a backend');
    }
    // A page's own GET over plain http has neither; it cannot leave out its language. Node's fetch in a backend has one too, and
    // beside it `Sec-Fetch-Mode`, which no page can set and no browser sends over plain http.
    const language = headers['accept-language'];
    const isNodeFetch = language === '*' && headers['sec-fetch-mode'] !== undefined;
    const isBrowser = origin !== undefined || site !== undefined || (language !== undefined && !isNodeFetch);
    if (isBrowser && !name.isLoopback && isIP(host) === 0) {
      return no(`a browser sent it under the name "${host}"`, 'call it by its IP address');
    }
    return yes;
  };
}

/** Not `headersDistinct`, which reads all headers of every request again. */
function hasTwoHosts({ rawHeaders }: Requested): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

/** Exact: scheme http or https, and the same host and port as the request was sent to. `null` is foreign. */
function isSameOrigin(origin: string, host: string): boolean {
  const lower = origin.toLowerCase();
  return host !== '' && (lower === `http://${host.toLowerCase()}` || lower === `https://${host.toLowerCase()}`);
}
