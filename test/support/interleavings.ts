import { setImmediate as turn } from 'node:timers/promises';
import type { MemoryPeerHub } from '../../src/bus/memory-peers.ts';
import type { MemoryRouteServer } from './memory-route-store.ts';

/** Which of so many things comes next. */
export type Choose = (count: number) => number;

/** Delivers what the nodes send each other, and ask of a store that they share, one by one in the order `choose` says, until nothing is on its way or `most` have been. */
export async function deliverAll(
  hub: MemoryPeerHub,
  choose: Choose,
  most: number = Number.POSITIVE_INFINITY,
  server?: MemoryRouteServer,
): Promise<void> {
  for (let quiet = 0, left = most; quiet < 3 && left > 0; ) {
    // With a store all that comes of a step is to be on its way before the next is chosen: it goes through several turns.
    for (let turns = server === undefined ? 1 : 4; turns > 0; turns -= 1) await turn();
    const links = hub.waiting.map(
      ({ from, to, lane }) =>
        () =>
          void hub.step(from, to, lane),
    );
    const lanes = server?.waiting.map((lane) => () => server.step(lane)) ?? [];
    const steps = [...links, ...lanes];
    const step = steps[steps.length > 1 ? choose(steps.length) : 0];
    if (step === undefined) quiet += 1;
    else {
      quiet = 0;
      left -= 1;
      step();
    }
  }
}

/** Runs `run` once for every way the choices it asks for can be made; answers how many there were. */
export async function inEveryOrder(run: (choose: Choose) => Promise<void>, most: number): Promise<number> {
  let path: number[] = [];
  for (let runs = 1; ; runs += 1) {
    if (runs > most) throw new Error(`more than ${most} orders`);
    const counts: number[] = [];
    let at = 0;
    await run((count) => {
      counts[at] = count;
      const choice = path[at] ?? 0;
      path[at] = choice;
      at += 1;
      return choice;
    });
    path = path.slice(0, at);
    while (path.length > 0 && (path.at(-1) ?? 0) + 1 >= (counts[path.length - 1] ?? 0)) path.pop();
    if (path.length === 0) return runs;
    path.push((path.pop() ?? 0) + 1);
  }
}
