import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Metadata } from '@grpc/grpc-js';
import type { Requested } from '../../access/access.ts';

const streamStart = 'http2.server.stream.start';
/** Legal in metadata, as the names of the entries that are not. */
const unreadable = 'yunque-unreadable';
const printable = /^[ -~]*$/;

interface StartedStream {
  readonly stream: { readonly session?: { readonly socket?: Pick<Socket, 'remoteAddress' | 'remotePort'> } };
  readonly headers: Record<string, string | string[] | undefined>;
}

/**
 * grpc-js leaves out every entry of metadata that is not printable ASCII, and a call would be taken for one that named no system and brought
 * no key. Until the returned function is called, such entries of the streams of `isOurs` (`address:port`) are marked, for `unreadableIn`.
 */
export function markUnreadable(isOurs: (peer: string) => boolean): () => void {
  const onStart = (message: unknown): void => {
    const { stream, headers } = message as StartedStream;
    // Not the connection itself: a session shows a stand-in of it.
    const { remoteAddress, remotePort } = stream.session?.socket ?? {};
    if (!isOurs(`${remoteAddress}:${remotePort}`)) return;
    delete headers[unreadable];
    for (const [name, value] of Object.entries(headers)) {
      if (name.startsWith(':') || [value ?? []].flat().every((each) => printable.test(each))) continue;
      headers[unreadable] = name;
      delete headers[name];
    }
  };
  subscribe(streamStart, onStart);
  return () => void unsubscribe(streamStart, onStart);
}

/** The name of an entry that could not be read. */
export function unreadableIn(metadata: Metadata): string | undefined {
  return textOf(metadata, unreadable);
}

/** An entry as HTTP has it: several of one name are one text, separated by commas. */
export function textOf(metadata: Metadata, name: string): string | undefined {
  const values = metadata.get(name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** A call as access sees a request. `peer`: `address:port`. `authority`: what it was sent to. */
export function requestedOf(metadata: Metadata, peer: string, authority: string | undefined): Requested {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(metadata.getMap())) {
    if (!name.endsWith('-bin')) headers[name] = textOf(metadata, name) ?? '';
  }
  const rawHeaders: string[] = [];
  // Both are there where somebody wrote the second by hand.
  for (const host of new Set([authority, headers['host']])) if (host !== undefined) rawHeaders.push('host', host);
  if (authority !== undefined) headers['host'] = authority;
  return { headers, rawHeaders, socket: { remoteAddress: addressOf(peer) } };
}

/** Without the port, and '' where there is none. */
function addressOf(peer: string): string {
  const end = peer.lastIndexOf(':');
  return end < 0 ? '' : peer.slice(0, end);
}
