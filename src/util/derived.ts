/** What is made of a value that may be another one later: made again only when it is. */
export function derived<S, T>(read: () => S, make: (source: S) => T): () => T {
  let source = read();
  let made = make(source);
  return () => {
    const now = read();
    if (now === source) return made;
    made = make(now);
    source = now;
    return made;
  };
}
