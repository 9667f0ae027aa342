/** The form of a pack: `1`, then each message as its length (32 bits, big endian) and its bytes. */
const version = 1;
const lengthBytes = 4;
/** One that is larger goes alone. */
const packBytes = 256 * 1024;

/** Several messages as one, in their order; `count`: how many are in it. */
export function* packs(messages: readonly Buffer[]): Generator<{ readonly packed: Buffer; readonly count: number }> {
  let from = 0;
  while (from < messages.length) {
    let size = 1;
    let to = from;
    for (; to < messages.length; to += 1) {
      const more = lengthBytes + (messages[to]?.length ?? 0);
      if (to > from && size + more > packBytes) break;
      size += more;
    }
    yield { packed: pack(messages.slice(from, to), size), count: to - from };
    from = to;
  }
}

function pack(messages: readonly Buffer[], size: number): Buffer {
  const packed = Buffer.allocUnsafe(size);
  packed[0] = version;
  let at = 1;
  for (const message of messages) {
    at = packed.writeUInt32BE(message.length, at);
    at += message.copy(packed, at);
  }
  return packed;
}

/** The messages of a pack, as views into it; undefined where it is none. */
export function unpack(packed: Buffer): Buffer[] | undefined {
  if (packed[0] !== version) return undefined;
  const messages: Buffer[] = [];
  let at = 1;
  while (at < packed.length) {
    if (at + lengthBytes > packed.length) return undefined;
    const from = at + lengthBytes;
    at = from + packed.readUInt32BE(at);
    if (at > packed.length) return undefined;
    messages.push(packed.subarray(from, at));
  }
  return messages;
}
