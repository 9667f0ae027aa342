const finFlag = 0x80;
const opcodeBits = 0x0f;
const lengthBits = 0x7f;
const maskedFlag = 0x80;
const maskBytes = 4;
const firstControlOpcode = 8;

/**
 * Counts the frames in a client's bytes, and knows whether they end in the middle of something. It only follows their lengths:
 *
 *     FIN RSV opcode | MASK length7 | length16 when length7 = 126 | length64 when length7 = 127 | mask | payload
 *
 * (RFC 6455 section 5.2); whether they are right is ws's to say, which is told the same bytes after it.
 */
export class FrameMeter {
  #first = 0;
  #masked = false;
  /** Bytes of the length that are still to come; -1: the frame’s first byte is, -2: its second. */
  #lengthBytes = -1;
  #length = 0;
  /** Bytes of mask and payload that are still to come. */
  #rest = 0;
  #isFragmented = false;

  /** In the middle of a frame, or of a message in fragments. */
  get isUnfinished(): boolean {
    return this.#lengthBytes !== -1 || this.#rest > 0 || this.#isFragmented;
  }

  /** `frames` that ended in the chunk, and the place in it behind the last one that ended a message or was a control frame outside of any. */
  read(chunk: Buffer): { readonly frames: number; readonly settledAt: number } {
    let frames = 0;
    let settledAt = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#rest > 0) {
        const here = Math.min(this.#rest, chunk.length - at);
        this.#rest -= here;
        at += here;
      } else {
        this.#readHead(chunk[at] as number);
        at += 1;
      }
      if (this.#lengthBytes !== 0 || this.#rest > 0) continue;
      frames += 1;
      this.#lengthBytes = -1;
      const isData = (this.#first & opcodeBits) < firstControlOpcode;
      if (isData) this.#isFragmented = (this.#first & finFlag) === 0;
      if (!this.#isFragmented) settledAt = at;
    }
    return { frames, settledAt };
  }

  #readHead(byte: number): void {
    if (this.#lengthBytes === -1) {
      this.#first = byte;
      this.#lengthBytes = -2;
    } else if (this.#lengthBytes === -2) {
      this.#masked = (byte & maskedFlag) !== 0;
      const length = byte & lengthBits;
      this.#lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#length = this.#lengthBytes === 0 ? length : 0;
    } else {
      this.#length = this.#length * 256 + byte;
      this.#lengthBytes -= 1;
    }
    if (this.#lengthBytes === 0) this.#rest = this.#length + (this.#masked ? maskBytes : 0);
  }
}
