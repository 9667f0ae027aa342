/** Users asked for at one time. */
const atOnce = 100;

/** Users that are on several nodes which may not know of each other: asks for each once, some at a time, and again for one that comes again. */
export class Contested {
  readonly #resolve: (system: string, uid: string) => Promise<void>;
  readonly #waiting = new Map<string, { readonly system: string; readonly uid: string }>();
  #running = 0;

  constructor(resolve: (system: string, uid: string) => Promise<void>) {
    this.#resolve = resolve;
  }

  /** Not in the turn of the call. */
  add(system: string, uid: string): void {
    this.#waiting.set(`${system.length}:${system}${uid}`, { system, uid });
    if (this.#running >= atOnce) return;
    this.#running += 1;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [key, { system, uid }] = next;
      this.#waiting.delete(key);
      await this.#resolve(system, uid);
    }
    this.#running -= 1;
  }
}
