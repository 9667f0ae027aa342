import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

export interface Asked {
  /** The TCP peer; undefined for a Unix socket. */
  readonly from?: string | undefined;
  readonly headers?: IncomingHttpHeaders;
  readonly url?: string;
  /** Where there are several. */
  readonly hosts?: readonly string[];
}

/** As much of a request as access looks at. */
export function fakeRequest({ from, headers = {}, url = '/', hosts }: Asked, socket = new Socket()): IncomingMessage {
  Object.defineProperty(socket, 'remoteAddress', { value: from, configurable: true });
  const host = hosts ?? (headers.host === undefined ? [] : [headers.host]);
  return { socket, headers, url, rawHeaders: host.flatMap((each) => ['Host', each]) } as unknown as IncomingMessage;
}
