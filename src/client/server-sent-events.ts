/** One dispatched event (HTML Living Standard, section 9.2.6, "Interpreting an event stream"). */
export interface ServerSentEvent {
  readonly type: string;
  /** Empty when none was ever sent. */
  readonly lastEventId: string;
  readonly data: string;
}

/** Of one event. A node's have some kilobytes, and never more than a mebibyte waits there. */
const mostCharacters = 16 * 1024 * 1024;

/**
 * Splits the bytes of `text/event-stream` into events. Comments (heartbeats) and events without data are passed over, a
 * last event without its empty line is dropped, as the standard says. Rejects when `bytes` does, and where an event is larger than any of a node's.
 */
export async function* readServerSentEvents(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let type = '';
  let lastEventId = '';
  let data: string[] = [];
  let size = 0;
  for await (const line of readLines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { type: type === '' ? 'message' : type, lastEventId, data: data.join('\n') };
      type = '';
      data = [];
      size = 0;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    size += line.length;
    if (size > mostCharacters) throw new RangeError(`an event is longer than ${mostCharacters} characters`);
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
    const ending = /\r\n|\n|\r(?!$)/g;
    // What was there before holds no end but a CR that was its last character.
    ending.lastIndex = Math.max(0, rest.length - 1);
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let match = ending.exec(rest); match !== null; match = ending.exec(rest)) {
      yield rest.slice(from, match.index);
      from = ending.lastIndex;
    }
    rest = rest.slice(from);
    if (rest.length > mostCharacters) throw new RangeError(`a line is longer than ${mostCharacters} characters`);
  }
}
