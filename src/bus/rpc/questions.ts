/** Questions that wait for the answer of one node each. */
export class Questions {
  readonly #waiting = new Map<number, { node: string; settle: (answer: Buffer | undefined) => void }>();
  #lastId = 0;

  /** `send` is given the id. Undefined: no answer. */
  ask(node: string, deadlineMs: number, send: (id: number) => void): Promise<Buffer | undefined> {
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const settle = (answer: Buffer | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(settle, deadlineMs, undefined);
      this.#waiting.set(id, { node, settle });
      send(id);
    });
  }

  answer(node: string, id: number, answer: Buffer | undefined): void {
    const question = this.#waiting.get(id);
    if (question?.node === node) question.settle(answer);
  }

  /** The node is gone. */
  giveUp(node: string): void {
    for (const question of [...this.#waiting.values()]) if (question.node === node) question.settle(undefined);
  }
}
