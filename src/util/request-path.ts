/** Of the target of a request: `/path?query`, or the whole of a URL (RFC 9112 section 3.2.2), as the router takes it. */
export function pathOf(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '');
  const end = path.indexOf('?');
  return end === -1 ? path : path.slice(0, end);
}

/** Also where the path is written with escapes, or cannot be decoded. */
export function isBelowAdmin(url: string): boolean {
  const path = pathOf(url);
  const plain = path.includes('%') ? path.replace(/%[0-7][\da-f]/gi, decodeURIComponent) : path;
  return plain.startsWith('/admin');
}
