import type { HttpAnswer } from './http-lane.ts';

export interface FoundAnswer {
  readonly answer: HttpAnswer;
  /** Where the next one begins. */
  readonly end: number;
  /** The server closes the connection after it. */
  readonly isLast: boolean;
}

/** The first HTTP/1.1 answer in `text` (Latin-1); undefined while it is not complete. Knows lengths and chunks, which servers of APIs use. */
export function readHttpAnswer(text: string): FoundAnswer | 'malformed' | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return text.length > 65536 || !'HTTP/1.1 '.startsWith(text.slice(0, 9)) ? 'malformed' : undefined;
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) return 'malformed';
  const head = text.slice(0, headEnd + 2).toLowerCase();
  const from = headEnd + 4;
  const isLast = head.includes('\r\nconnection: close\r\n');
  const length = /\r\ncontent-length: *(\d+)\r\n/.exec(head)?.[1];
  const found = (body: string, end: number): FoundAnswer => ({ answer: { status: Number(status), body }, end, isLast });
  if (length !== undefined) {
    const end = from + Number(length);
    return text.length < end ? undefined : found(text.slice(from, end), end);
  }
  if (/\r\ntransfer-encoding: *chunked\r\n/.test(head)) return readChunks(text, from, found);
  return status === '204' || status === '304' ? found('', from) : 'malformed';
}

function readChunks(text: string, from: number, found: (body: string, end: number) => FoundAnswer) {
  let body = '';
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(size >= 0)) return 'malformed';
    const end = lineEnd + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return found(body, end);
    body += text.slice(lineEnd + 2, end - 2);
    at = end;
  }
}
