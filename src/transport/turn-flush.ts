interface Flushable {
  flush(): void;
}

/** Everything written in one turn of the event loop leaves at its end: collects who has something to flush. */
export class TurnFlush {
  #dirty: Flushable[] = [];

  /** Call once per turn and item, on its first write. */
  add(item: Flushable): void {
    if (this.#dirty.length === 0) setImmediate(() => this.flush());
    this.#dirty.push(item);
  }

  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const item of dirty) item.flush();
  }
}
