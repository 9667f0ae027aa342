/**
 * What is the matter with text that is valid JSON and chokes receivers: half a surrogate pair, or a number no double can hold; undefined: nothing. `text` has been found to
 * be JSON of limited depth before.
 */
export function faultOfJson(text: string): string | undefined {
  return suspicious.test(text) ? faultOf(JSON.parse(text)) : undefined;
}

/** A surrogate escape, an exponent of three digits, or a hundred digits: without one of them nothing can be wrong. */
const suspicious = /\\u[dD][89a-fA-F]|[eE]\+?\d{3}|\d{100}/;

function faultOf(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number in the JSON is too large';
  if (typeof value === 'string' && !value.isWellFormed()) return 'the JSON holds half a surrogate pair';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const fault = faultOf(key) ?? faultOf(member);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
