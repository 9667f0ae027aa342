export interface SplitFrame {
  readonly opcode: number;
  /** Of the same memory. */
  readonly payload: Buffer;
}

/** The frames of a buffer that holds whole ones as `frame` makes them: unfragmented and unmasked (RFC 6455 section 5.2). */
export function* splitFrames(frames: Buffer): Generator<SplitFrame> {
  let at = 0;
  while (at < frames.length) {
    const short = frames[at + 1] as number;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const size = head === 2 ? short : head === 4 ? frames.readUInt16BE(at + 2) : Number(frames.readBigUInt64BE(at + 2));
    const start = at + head;
    yield { opcode: (frames[at] as number) & 0x0f, payload: frames.subarray(start, start + size) };
    at = start + size;
  }
}
