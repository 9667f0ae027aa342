/** Opcodes of RFC 6455 section 5.2 that a server sends as whole messages. */
const FIN = 0x80;
export const opcodes = { text: 0x1, binary: 0x2, ping: 0x9 } as const;
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/**
 * One unfragmented, unmasked server frame around `payload` (RFC 6455 section 5.2):
 *
 *     FIN RSV opcode | MASK=0 length7 | length16 when length7 = 126 | length64 when length7 = 127 | payload
 */
export function frame(payload: Buffer, opcode: Opcode): Buffer {
  const size = payload.length;
  const head = size < 126 ? 2 : size < 0x10000 ? 4 : 10;
  const out = Buffer.allocUnsafe(head + size);
  out[0] = FIN | opcode;
  if (head === 2) out[1] = size;
  else if (head === 4) {
    out[1] = 126;
    out.writeUInt16BE(size, 2);
  } else {
    out[1] = 127;
    out.writeBigUInt64BE(BigInt(size), 2);
  }
  payload.copy(out, head);
  return out;
}
