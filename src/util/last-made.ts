/** `make`, asked again and again for the same text: what was made last is kept. */
export function lastMade<T>(make: (text: string) => T): (text: string) => T {
  let text: string | undefined;
  let made: T;
  return (asked) => {
    if (asked !== text) {
      made = make(asked);
      text = asked;
    }
    return made;
  };
}
