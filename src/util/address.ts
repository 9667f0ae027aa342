import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** `::ffff:127.0.0.1`, as a dual-stack socket reports an IPv4 peer, becomes `127.0.0.1`. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** An address to listen on that stands for every one: `0.0.0.0`, `::`. */
export function isEverywhere(address: string): boolean {
  return address === '0.0.0.0' || (isIP(address) === 6 && /^[0:]+$/.test(address));
}

/** A test for "is in one of these networks". Each is an address or a CIDR; throws `RangeError` for anything else. */
export function createNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const slash = network.indexOf('/');
    const address = slash < 0 ? network : network.slice(0, slash);
    const bits = slash < 0 ? undefined : network.slice(slash + 1);
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    // Strict: Number('') is 0, and "10.0.0.0/" would be everybody.
    if (version === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
      throw new RangeError(`"${network}" is not an IP address or CIDR`);
    }
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  };
}

/** The host of a `Host` header or URL authority without its port, lower case, brackets of IPv6 removed. */
export function hostOf(authority: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(authority);
  return (bracketed?.[1] ?? authority.replace(/:\d+$/, '')).toLowerCase();
}

/** The first IPv4 address of this machine that is not loopback, as go-websocket picks it; 127.0.0.1 without one. */
export function intranetAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const a of addresses ?? []) if (a.family === 'IPv4' && !a.internal) return a.address;
  }
  return '127.0.0.1';
}

/** What stands for every address of this machine: `::`, or `0.0.0.0` where IPv6 is switched off. */
export function anyAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}
