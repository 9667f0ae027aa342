/** Text above this many characters is not looked into. */
const mostLooked = 256 * 1024;

/**
 * JSON text in its shape, each value replaced by its kind and length: `{"uid":"<string 5>","n":"<number 2>"}`. Names of members stay. What is no JSON, or is
 * very long, is replaced as a whole.
 */
export function redacted(text: string): string {
  if (text.length > mostLooked) return `"<text ${text.length}>"`;
  try {
    return JSON.stringify(JSON.parse(text, hide));
  } catch {
    return `"<text ${text.length}>"`;
  }
}

/** Values come before what they are in: objects and arrays hold none but hidden ones by then. */
function hide(_name: string, value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return `<string ${value.length}>`;
    case 'number':
      return `<number ${String(value).length}>`;
    case 'boolean':
      return '<boolean>';
    default:
      return value === null ? '<null>' : value;
  }
}
