import type { Clock } from './clock.ts';
import type { Histogram } from './histogram.ts';
import { isMarkAt, laneOfMark, markLength, sequenceOfMark, targetOfMark, timeOfMark } from './marker.ts';
import type { StreamVerifier } from './stream-verifier.ts';

/** Larger chunks come when many messages wait: then each of so many is timed and stands for the others. */
const sampledFrom = 16 * 1024;
/** Not a divisor of the sizes people choose for batches, so that each place in a batch has its turn. */
const sampleEvery = 13;

export interface MessageReaderOptions {
  readonly magic: string;
  readonly verifier: StreamVerifier;
  readonly latencies: Histogram;
  readonly epochMs: number;
  readonly clock: Clock;
}

/** Reads marks where the last one was found, which is where the next one will be: a message of one run is like the other. */
export class MessageReader {
  readonly #magic: Buffer;
  readonly #options: MessageReaderOptions;
  readonly #verifier: StreamVerifier;
  #offset = 0;
  #untilSample = 1;
  #stride = 1;
  #nowMicros = 0;
  #receiver = 0;
  /** Values that were timed for others too. */
  sampled = 0;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
    this.#magic = Buffer.from(options.magic, 'latin1');
    this.#verifier = options.verifier;
  }

  /** The messages that follow came to `receiver` now, `bytes` of them together. Answers the time. */
  startChunk(receiver: number, bytes: number): number {
    const nowMs = this.#options.clock();
    this.#receiver = receiver;
    this.#nowMicros = (nowMs - this.#options.epochMs) * 1000;
    this.#stride = bytes < sampledFrom ? 1 : sampleEvery;
    if (this.#stride === 1) this.#untilSample = 1;
    return nowMs;
  }

  /** Whether the payload is a message of this run. */
  take(bytes: Buffer, from: number, to: number): boolean {
    let at = from + this.#offset;
    if (at + markLength > to || !isMarkAt(bytes, at, this.#magic)) {
      at = this.#find(bytes, from, to);
      if (at < 0) return false;
      this.#offset = at - from;
    }
    this.#verifier.see(this.#receiver, targetOfMark(bytes, at), laneOfMark(bytes, at), sequenceOfMark(bytes, at));
    if (--this.#untilSample <= 0) {
      this.#untilSample = this.#stride;
      this.#options.latencies.record(this.#nowMicros - timeOfMark(bytes, at), this.#stride);
      if (this.#stride > 1) this.sampled += this.#stride;
    }
    return true;
  }

  #find(bytes: Buffer, from: number, to: number): number {
    const last = to - markLength;
    const first = this.#magic[0] as number;
    for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
      if (isMarkAt(bytes, at, this.#magic)) return at;
    }
    return -1;
  }
}
