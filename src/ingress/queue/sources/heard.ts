/** What was heard and waits to be handed on, bounded in bytes: what does not fit is dropped. */
export class Heard {
  readonly #maxBytes: number;
  #waiting: Buffer[] = [];
  #next = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#next === this.#waiting.length;
  }

  /** Whether it fitted. */
  put(body: Buffer): boolean {
    if (this.#bytes + weightOf(body) > this.#maxBytes) return false;
    this.#bytes += weightOf(body);
    this.#waiting.push(body);
    return true;
  }

  /** The oldest, at least one where there is any, and otherwise no more than so many and so many bytes. */
  takeSome(maxCount: number, maxBytes: number): readonly Buffer[] {
    const from = this.#next;
    let bytes = 0;
    while (this.#next < this.#waiting.length && this.#next - from < maxCount && bytes < maxBytes) {
      bytes += weightOf(this.#waiting[this.#next] as Buffer);
      this.#next += 1;
    }
    const some = this.#waiting.slice(from, this.#next);
    this.#bytes -= bytes;
    if (this.isEmpty || this.#next > 10_000) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return some;
  }
}

/** What holds a body counts as well: many small ones are no less than few large ones. */
const weightOf = (body: Buffer): number => body.length + 128;
