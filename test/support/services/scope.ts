/** What ends with a test: its context, `{ after }` of node:test for a whole file, or a program's own list. */
export interface Scope {
  after(end: () => Promise<void>): void;
}

/**
 * A scope within one, whose ends come in the reverse order of their beginnings. Who begins something in it when it has ended
 * is told so by an Error, after the end of that has begun.
 */
export function innerScope(outer: Scope): Scope {
  const ends: (() => Promise<void>)[] = [];
  let hasEnded = false;
  outer.after(async () => {
    hasEnded = true;
    for (const end of ends.reverse()) await end();
  });
  return {
    after(end) {
      if (!hasEnded) return void ends.push(end);
      void end();
      throw new Error('it has ended meanwhile');
    },
  };
}
