/*
 * What one record of a queue, or one message of a channel, holds:
 *
 *   pack    = version *message
 *   version = %x01
 *   message = length bytes      ; length: 4 bytes, big endian
 */
const version = 1;
const lengthBytes = 4;
/** One that is larger goes alone. */
const packBytes = 256 * 1024;

/** Messages as few packs, in their order; `count`: how many are in it. */
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
    yield { packed: packInto(size, messages.slice(from, to)), count: to - from };
    from = to;
  }
}

/** Messages as one, in their order, whatever their size. */
export function pack(messages: readonly Buffer[]): Buffer {
  return packInto(
    messages.reduce((size, { length }) => size + lengthBytes + length, 1),
    messages,
  );
}

function packInto(size: number, messages: readonly Buffer[]): Buffer {
  const packed = Buffer.allocUnsafe(size);
  packed[0] = version;
  let at = 1;
  for (const message of messages) {
    at = packed.writeUInt32BE(message.length, at);
    at += message.copy(packed, at);
  }
  return packed;
}

/** The messages of a pack, as views into it; undefined where it is none, or of another version. */
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
