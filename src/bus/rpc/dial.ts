import { backOffMs } from '../../util/back-off.ts';
import type { FrameStream } from './frame-stream.ts';

const again = { firstMs: 50, mostMs: 2000 };

/** Dials a node again and again, as long as it is not stopped. */
export class Dial {
  readonly #open: (dial: Dial, onEnd: (why: string) => void) => FrameStream | undefined;
  #stream: FrameStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #isStopped = false;
  #isLinked = false;
  /** Why the last try came to nothing. */
  failure: string | undefined;

  /** `open`: undefined where there is nothing to dial now. */
  constructor(open: (dial: Dial, onEnd: (why: string) => void) => FrameStream | undefined) {
    this.#open = open;
  }

  start(afterMs = 0): void {
    if (afterMs > 0) this.#timer = setTimeout(() => this.#try(), afterMs);
    else this.#try();
  }

  succeeded(): void {
    this.#tries = 0;
    this.#isLinked = true;
    this.failure = undefined;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    // A link says goodbye by itself.
    if (!this.#isLinked) this.#stream?.destroy();
  }

  #try(): void {
    let hasEnded = false;
    const onEnd = (why: string) => {
      if (hasEnded) return;
      hasEnded = true;
      this.failure = why;
      this.#isLinked = false;
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => this.#try(), backOffMs(this.#tries, again));
      this.#tries += 1;
    };
    this.#stream = this.#open(this, onEnd);
    if (this.#stream === undefined) onEnd('it is not dialled');
  }
}
