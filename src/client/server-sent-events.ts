/** One dispatched event (HTML Living Standard, section 9.2.6, "Interpreting an event stream"). */
export interface ServerSentEvent {
  readonly type: string;
  /** Empty when none was ever sent. */
  readonly lastEventId: string;
  readonly data: string;
}

/**
 * Splits the bytes of `text/event-stream` into events. Comments (heartbeats) and events without data are passed over, a
 * last event without its empty line is dropped, as the standard says. Rejects when `bytes` does.
 */
export async function* readServerSentEvents(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let type = '';
  let lastEventId = '';
  let data: string[] = [];
  for await (const line of readLines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { type: type === '' ? 'message' : type, lastEventId, data: data.join('\n') };
      type = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) lastEventId = value;
  }
}

/** Lines end in LF, CRLF or CR; a CR at the end of a chunk waits for what follows it. */
async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    const ending = /\r\n|\n|\r(?!$)/g;
    let from = 0;
    for (let match = ending.exec(rest); match !== null; match = ending.exec(rest)) {
      yield rest.slice(from, match.index);
      from = ending.lastIndex;
    }
    rest = rest.slice(from);
  }
}
