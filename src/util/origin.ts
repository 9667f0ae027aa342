/**
 * An origin as browsers send it (RFC 6454 section 6.2): `scheme://host`, and a port that is not the scheme's own, in lower case and ASCII.
 * Undefined for everything else: `null`, wildcards, a path, a user, a host that ends in a dot, two origins in one header.
 */
export function exactOrigin(text: string): string | undefined {
  const [, scheme, authority] = /^([a-z][a-z0-9+.-]*):\/\/([^\s/?#@\\*,]+)$/i.exec(text) ?? [];
  if (scheme === undefined || authority === undefined || !URL.canParse(text)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(text);
  if (hostname === '' || hostname.endsWith('.') || pathname.length > 1) return undefined;
  // `capacitor://localhost`: the parser leaves the host of schemes it does not know as it is written.
  return `${protocol}//${host.toLowerCase()}`;
}
