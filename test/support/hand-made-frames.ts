/** Protobuf by hand (https://protobuf.dev/programming-guides/encoding), for the few frames whose bytes tests spell out. */
export function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(BigInt(bytes.length)), bytes]);
}

export function varintField(number: number, value: bigint): Buffer {
  return Buffer.concat([Buffer.from([number << 3]), varint(value)]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

/** REPLY of `yunque` and `cim`, with its type byte. */
export function replyFrame(reply: {
  key: string;
  code: string;
  message: string;
  timestamp: string;
  data: [string, string][];
}): Buffer {
  return Buffer.concat([
    Buffer.from([4]),
    field(1, reply.key),
    field(2, reply.code),
    field(3, reply.message),
    varintField(4, BigInt(reply.timestamp)),
    ...reply.data.map(([name, value]) => field(5, Buffer.concat([field(1, name), field(2, value)]))),
  ]);
}

/** What no client of the CIM family's binary dialects may send. */
export const wrongBinaryFrames = {
  'an empty frame': { payload: Buffer.alloc(0), binary: true },
  'an unknown type byte': { payload: Buffer.from([9, 1, 2]), binary: true },
  'the server’s own PING': { payload: Buffer.from('\x01PING'), binary: true },
  'a MESSAGE': { payload: Buffer.from([2, 10, 1, 120]), binary: true },
  'a REPLY': { payload: Buffer.from([4]), binary: true },
  'a request cut short': { payload: Buffer.from([3, 10, 20, 120]), binary: true },
  'a request with an impossible wire type': { payload: Buffer.from([3, 15]), binary: true },
  'a request of noise': { payload: Buffer.from([3, 0xff, 0xff, 0xff, 0xff, 0xff]), binary: true },
  'a text frame': { payload: Buffer.from('{"type":3}'), binary: false },
};
