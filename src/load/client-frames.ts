/** A masked frame of a client, with a mask of zeroes (RFC 6455 section 5.3 asks for it; nothing is hidden by it here). Payloads to 64 KiB. */
export function maskedFrame(payload: Uint8Array | string, opcode: 1 | 2 | 8 | 10): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const isShort = bytes.length < 126;
  const head = isShort
    ? [0x80 | opcode, 0x80 | bytes.length, 0, 0, 0, 0]
    : [0x80 | opcode, 0xfe, bytes.length >> 8, bytes.length & 0xff, 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), bytes]);
}
