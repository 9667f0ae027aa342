import type { Writable } from 'node:stream';

/** What is written to a socket from `hold` to the end of this turn of the loop leaves in one write: the answer to an upgrade with what greets behind it. */
export class OneWrite {
  #held: Writable[] = [];

  hold(socket: Writable): void {
    socket.cork();
    if (this.#held.length === 0) setImmediate(() => this.#release());
    this.#held.push(socket);
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const socket of held) socket.uncork();
  }
}
