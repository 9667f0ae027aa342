import { keptForMs } from './idempotency.ts';

export interface KeptAnswer {
  readonly bodyHash: string;
  readonly result: string;
}

export interface KeptAnswersOptions {
  /** Of all of them. */
  readonly maxBytes: number;
  /** Milliseconds on a clock that is never set back. */
  readonly now: () => number;
}

/** What an entry costs besides its texts: the record, its key in the map. */
const entryBytes = 256;

interface Entry extends KeptAnswer {
  readonly until: number;
  readonly bytes: number;
}

/** Answers of the last five minutes by id, bounded in bytes: the oldest goes where there is no room. */
export class KeptAnswers {
  readonly #options: KeptAnswersOptions;
  /** In the order they were kept, which is that of their ends. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
  }

  get(id: string): KeptAnswer | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.until > this.#options.now()) return entry;
    this.#forget(id, entry);
    return undefined;
  }

  /** `forMs`: where it has been kept for a while elsewhere. */
  keep(id: string, { bodyHash, result }: KeptAnswer, forMs: number = keptForMs): void {
    const known = this.#entries.get(id);
    if (known !== undefined) this.#forget(id, known);
    const now = this.#options.now();
    // A string has one or two bytes for a character.
    const bytes = entryBytes + 2 * (id.length + bodyHash.length + result.length);
    this.#entries.set(id, { bodyHash, result, until: now + forMs, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (entry.until > now && this.#bytes <= this.#options.maxBytes) break;
      this.#forget(oldest, entry);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  #forget(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
  }
}
