import { randomBytes } from 'node:crypto';

/** Client frames and server frames by hand (RFC 6455 section 5.2), for clients that misbehave and for thousands of them. */
export const opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface FrameOptions {
  readonly fin?: boolean;
  /** The three reserved bits, as they stand in the first byte: 0x40, 0x20, 0x10. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the header claims; default the truth. */
  readonly declaredBytes?: number;
}

export function clientFrame(code: number, payload: Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, reserved = 0, masked = true, declaredBytes = payload.length } = options;
  const first = (fin ? 0x80 : 0) | reserved | code;
  const flag = masked ? 0x80 : 0;
  let head: Buffer;
  if (declaredBytes < 126) head = Buffer.from([first, flag | declaredBytes]);
  else if (declaredBytes < 0x10000) {
    head = Buffer.from([first, flag | 126, 0, 0]);
    head.writeUInt16BE(declaredBytes, 2);
  } else {
    head = Buffer.from([first, flag | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeBigUInt64BE(BigInt(declaredBytes), 2);
  }
  if (!masked) return Buffer.concat([head, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

export function upgradeRequest(port: number, path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`
  );
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Takes bytes as they come and hands out the answer's status, then whole frames. Throws for what no server may send. */
export class ServerFrames {
  status = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. */
  take(bytes: Buffer): ServerFrame[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.status === 0) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return [];
      this.status = Number(this.#rest.toString('latin1', 9, 12));
      this.#rest = this.#rest.subarray(end + 4);
    }
    const frames: ServerFrame[] = [];
    if (this.status !== 101) return frames;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): ServerFrame | undefined {
    const bytes = this.#rest;
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return undefined;
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0) throw new Error('a server frame with reserved bits or a mask');
    const head = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (bytes.length < head) return undefined;
    const size = second < 126 ? second : second === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < head + size) return undefined;
    this.#rest = bytes.subarray(head + size);
    return { opcode: first & 0x0f, payload: bytes.subarray(head, head + size) };
  }
}
