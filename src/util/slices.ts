/** What a stretch of work may take before the event loop gets a turn, in which another one may begin as well. */
const usualMs = 3;

/** Long work in pieces. */
export interface Slices {
  /** The piece has taken long enough. */
  readonly isOver: boolean;
  /** Resolves when the event loop has had a turn; a new piece begins. */
  next(): Promise<void>;
}

/** The first piece begins now. */
export function createSlices(mostMs = usualMs): Slices {
  let begunAt = performance.now();
  return {
    get isOver() {
      return performance.now() - begunAt >= mostMs;
    },
    async next() {
      await new Promise((resolve) => setImmediate(resolve));
      begunAt = performance.now();
    },
  };
}
