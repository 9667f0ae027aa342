/** So many at once, and so many more waiting for their turn. */
export interface Slots {
  /** True: go on, and `leave` when done. False: no turn came before `signal`, or too many wait already. */
  enter(signal: AbortSignal): Promise<boolean>;
  leave(): void;
}

export function createSlots(options: { readonly atOnce: number; readonly waiting: number }): Slots {
  const queue = new Set<() => void>();
  let free = options.atOnce;
  return {
    async enter(signal) {
      if (free > 0) {
        free--;
        return true;
      }
      if (signal.aborted || queue.size >= options.waiting) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const onTurn = (): void => resolve(true);
      const onAbort = (): void => {
        queue.delete(onTurn);
        resolve(false);
      };
      queue.add(onTurn);
      signal.addEventListener('abort', onAbort);
      const isMine = await promise;
      signal.removeEventListener('abort', onAbort);
      return isMine;
    },
    leave() {
      const [next] = queue;
      if (next === undefined) {
        free++;
        return;
      }
      queue.delete(next);
      next();
    },
  };
}
