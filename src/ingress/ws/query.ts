/** What a URL says behind its `?`. */
export interface Query {
  /** The first value of that name; null where there is none. */
  get(name: string): string | null;
}

/** Reads it as the URL standard does. Where nothing is written with escapes, which is nearly always, no list of pairs is made. */
export function readQuery(text: string): Query {
  return /^\?|[%+]/.test(text) ? new URLSearchParams(text) : new PlainQuery(text);
}

class PlainQuery implements Query {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(name: string): string | null {
    const text = this.#text;
    for (let start = 0; start < text.length; ) {
      const next = text.indexOf('&', start);
      const end = next < 0 ? text.length : next;
      if (text.startsWith(name, start)) {
        const nameEnd = start + name.length;
        if (text[nameEnd] === '=' && nameEnd < end) return text.slice(nameEnd + 1, end);
        if (nameEnd === end && end > start) return '';
      }
      start = end + 1;
    }
    return null;
  }
}
