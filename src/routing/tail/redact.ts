/** Text above this many characters is not looked into. */
const mostLooked = 256 * 1024;

/**
 * JSON text in its shape, each value replaced by its kind and length: `{"uid":"<string 5>","n":"<number 2>"}`. Names of members stay where they are
 * words; what is no JSON, or is very long, is replaced as a whole.
 */
export function redacted(text: string): string {
  if (text.length > mostLooked) return `"<text ${text.length}>"`;
  try {
    return JSON.stringify(hide(JSON.parse(text)));
  } catch {
    return `"<text ${text.length}>"`;
  }
}

/** A name as it is, where somebody who writes programs may have chosen it; a number, an address or a token that is used as one by its length. */
export function redactedName(name: string): string {
  const isWord = name.length <= 40 && /^[\p{L}_$][\p{L}\p{M}\p{N}_$.:/ -]*$/u.test(name);
  return isWord && (name.match(/\p{N}/gu)?.length ?? 0) <= 4 ? name : `<name ${name.length}>`;
}

function hide(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return `<string ${value.length}>`;
    case 'number':
      return `<number ${String(value).length}>`;
    case 'boolean':
      return '<boolean>';
    default:
      if (value === null) return '<null>';
      return Array.isArray(value) ? value.map(hide) : hideMembers(value as object);
  }
}

/** None is lost: those whose names look the same by now are numbered. */
function hideMembers(object: object): object {
  const hidden = new Map<string, unknown>();
  const times = new Map<string, number>();
  for (const [name, value] of Object.entries(object)) {
    const shown = redactedName(name);
    const time = (times.get(shown) ?? 0) + 1;
    times.set(shown, time);
    hidden.set(time === 1 ? shown : `${shown} ${time}`, hide(value));
  }
  return Object.fromEntries(hidden);
}
