import type { QueueRecord, TakeBatch, Verdict } from '../../src/ingress/queue/source.ts';

/** Takes what a source gives, as a door would; what it got is here to be looked at. */
export class Taker {
  /** Those it answered with verdicts. */
  readonly batches: (readonly QueueRecord[])[] = [];
  readonly rejected: (readonly QueueRecord[])[] = [];
  underWay = 0;
  mostUnderWay = 0;
  readonly #judge: (record: QueueRecord) => Verdict;
  #held: Promise<void> | undefined;
  #rejections = 0;

  constructor(judge: (record: QueueRecord) => Verdict = () => ({ is: 'done' })) {
    this.#judge = judge;
  }

  /** The next batches wait until the promise that is returned is resolved. */
  hold(): PromiseWithResolvers<void> {
    const held = Promise.withResolvers<void>();
    this.#held = held.promise;
    return held;
  }

  rejectNext(times: number): void {
    this.#rejections = times;
  }

  get records(): QueueRecord[] {
    return this.batches.flat();
  }

  /** Bodies as text. */
  get taken(): string[] {
    return this.records.map(({ body }) => body.toString());
  }

  readonly take: TakeBatch = async (batch) => {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      await this.#held;
      if (this.#rejections > 0) {
        this.#rejections -= 1;
        this.rejected.push(batch);
        throw new Error('not now');
      }
      this.batches.push(batch);
      return batch.map(this.#judge);
    } finally {
      this.underWay -= 1;
    }
  };
}
