/** Says whether this process stood still, as one that was stopped or whose loop was blocked: others may have taken its place meanwhile. */
export class StallWatch {
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #seenAt = performance.now();
  #hasStalled = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#timer = setInterval(() => this.#look(), Math.min(1000, limitMs / 4));
  }

  /** Since it was last asked. */
  hasStalled(): boolean {
    this.#look();
    const has = this.#hasStalled;
    this.#hasStalled = false;
    return has;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#seenAt > this.#limitMs) this.#hasStalled = true;
    this.#seenAt = now;
  }
}
