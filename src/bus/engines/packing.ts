/*
 * What one record of a queue holds:
 *
 *   record  = version *message
 *   version = %x01
 *   message = length bytes      ; length: 4 bytes, big endian
 */
const version = 1;
const lengthBytes = 4;

/** Messages as one record, in order. */
export function pack(messages: readonly Buffer[]): Buffer {
  let size = 1;
  for (const message of messages) size += lengthBytes + message.length;
  const record = Buffer.allocUnsafe(size);
  record[0] = version;
  let at = 1;
  for (const message of messages) {
    record.writeUInt32BE(message.length, at);
    at += lengthBytes;
    message.copy(record, at);
    at += message.length;
  }
  return record;
}

/** The messages of a record, views into it; undefined: it is of another version, or somebody else's. */
export function unpack(record: Buffer): Buffer[] | undefined {
  if (record[0] !== version) return undefined;
  const messages: Buffer[] = [];
  let at = 1;
  while (at < record.length) {
    if (at + lengthBytes > record.length) return undefined;
    const end = at + lengthBytes + record.readUInt32BE(at);
    if (end > record.length) return undefined;
    messages.push(record.subarray(at + lengthBytes, end));
    at = end;
  }
  return messages;
}
