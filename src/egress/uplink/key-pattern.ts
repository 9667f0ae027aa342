export type KeyPattern = (key: string) => boolean;

/** A key, or a pattern in which `*` stands for any characters, or none. In time linear in the length of the key for each `*`, whatever clients send. */
export function compileKeyPattern(pattern: string): KeyPattern {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (key) => key === pattern;
  const middle = rest.filter((part) => part !== '');
  return (key) => {
    if (key.length < head.length + tail.length || !key.startsWith(head) || !key.endsWith(tail)) return false;
    const end = key.length - tail.length;
    let at = head.length;
    for (const part of middle) {
      const found = key.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
