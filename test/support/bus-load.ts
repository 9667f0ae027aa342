import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from '../../src/bus/bus.ts';

/** What a publisher said, and what became of it. */
export interface BusLoad {
  readonly said: number;
  /** Those that were taken, in the order in which that became known. */
  readonly taken: readonly number[];
  readonly failed: readonly number[];
  /** Resolves when it is known of each. */
  stop(): Promise<void>;
}

/** Says the numbers from 0 on, a handful at a time with a millisecond in between, waiting for none. */
export function startBusLoad(bus: Bus): BusLoad {
  const taken: number[] = [];
  const failed: number[] = [];
  const known: Promise<void>[] = [];
  let said = 0;
  let isOver = false;
  const running = (async () => {
    while (!isOver) {
      for (let turn = 0; turn < 3; turn += 1) {
        const number = said++;
        const broadcast = bus.broadcast(Buffer.from(String(number)));
        known.push(
          broadcast.then(
            () => void taken.push(number),
            () => void failed.push(number),
          ),
        );
      }
      await delay(1);
    }
  })();
  return {
    get said() {
      return said;
    },
    taken,
    failed,
    async stop() {
      isOver = true;
      await running;
      await Promise.all(known);
    },
  };
}

/** Numbers a bus heard, as `startBusLoad` says them. */
export function listen(): { readonly heard: number[]; readonly onMessage: (bytes: Buffer) => void } {
  const heard: number[] = [];
  return { heard, onMessage: (bytes) => void heard.push(Number(bytes.toString())) };
}

/** In order, none twice. */
export function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] as number));
}
