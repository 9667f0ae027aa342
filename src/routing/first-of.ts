/** The first `limit` of many in an order, whatever order they come in. Holds no more than those: a heap with the last of them on top. */
export class FirstOf<T> {
  readonly #limit: number;
  readonly #order: (a: T, b: T) => number;
  readonly #heap: T[] = [];

  /** `limit` is 1 at least. */
  constructor(limit: number, order: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#order = order;
  }

  /** Whatever comes behind it is not among the first; undefined as long as everything is. */
  get last(): T | undefined {
    return this.#heap.length < this.#limit ? undefined : this.#heap[0];
  }

  offer(item: T): void {
    const heap = this.#heap;
    const top = heap[0];
    if (heap.length < this.#limit) this.#rise(item);
    else if (top !== undefined && this.#order(item, top) < 0) this.#sink(item);
  }

  /** In order. */
  sorted(): T[] {
    return this.#heap.toSorted(this.#order);
  }

  #rise(item: T): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as T;
      if (this.#order(item, parent) <= 0) break;
      heap[at] = parent;
      heap[parentAt] = item;
      at = parentAt;
    }
  }

  /** In the place of the one on top. */
  #sink(item: T): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && this.#order(heap[childAt + 1] as T, heap[childAt] as T) > 0) childAt += 1;
      const child = heap[childAt] as T;
      if (this.#order(child, item) <= 0) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = item;
  }
}
