/** What ends with a test: its context, `{ after }` of node:test for a whole file, or a program's own list. */
export interface Scope {
  after(end: () => Promise<void>): void;
}

/** A scope within one, whose ends come in the reverse order of their beginnings. */
export function innerScope(outer: Scope): Scope {
  const ends: (() => Promise<void>)[] = [];
  outer.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => void ends.push(end) };
}
