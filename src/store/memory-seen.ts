import { type Seen, type SeenFigures, seenForMs } from './seen.ts';

export interface MemorySeenOptions {
  /** Of each of two generations; a name takes some 100 bytes. */
  readonly mostNames?: number;
  /** Absent: `seenForMs`. */
  readonly forMs?: number;
  readonly now?: () => number;
}

const usualMost = 500_000;

/**
 * `Seen` in this process, for as long as it runs. Two generations: names go into the younger one, and when that is five minutes old, or full, it becomes the older one, and that
 * one is forgotten. A name is known for five to ten minutes, less where there are too many.
 */
export class MemorySeen implements Seen {
  readonly #mostNames: number;
  readonly #forMs: number;
  readonly #now: () => number;
  #younger = new Set<string>();
  #older: ReadonlySet<string> = new Set();
  #begunAt: number;
  #shortened = 0;

  constructor({ mostNames = usualMost, forMs = seenForMs, now = () => performance.now() }: MemorySeenOptions = {}) {
    this.#mostNames = mostNames;
    this.#forMs = forMs;
    this.#now = now;
    this.#begunAt = now();
  }

  get figures(): SeenFigures {
    return { shortened: this.#shortened, failed: 0 };
  }

  has(names: readonly string[]): ReadonlySet<string> {
    this.#age();
    return new Set(names.filter((name) => this.#younger.has(name) || this.#older.has(name)));
  }

  add(names: readonly string[]): void {
    this.#age();
    for (const name of names) {
      if (this.#younger.size >= this.#mostNames) {
        if (this.#older.size > 0) this.#shortened += 1;
        this.#turn();
      }
      this.#younger.add(name);
    }
  }

  close(): void {
    this.#younger.clear();
    this.#older = new Set();
  }

  #age(): void {
    const age = this.#now() - this.#begunAt;
    if (age < this.#forMs) return;
    this.#turn();
    // Nobody came for a whole generation: what was the younger is as old as the older would be.
    if (age >= 2 * this.#forMs) this.#older = new Set();
  }

  #turn(): void {
    this.#older = this.#younger;
    this.#younger = new Set();
    this.#begunAt = this.#now();
  }
}
