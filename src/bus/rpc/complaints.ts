import type { Refusal } from './handshake.ts';

export type Warn = (fields: Readonly<Record<string, unknown>>, text: string) => void;

/** Strangers, too, can make a node say something. */
const most = 200;

/** Says what is the matter with another node, each thing once until a link to it has stood. */
export class Complaints {
  readonly #warn: Warn;
  readonly #said = new Map<string, Set<string>>();
  #count = 0;

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /** `about`: the name of the node, or an address of a stranger. */
  say(about: string, { what, hint }: Refusal, fields: Readonly<Record<string, unknown>> = {}): void {
    const said = this.#said.get(about) ?? new Set();
    if (said.has(what) || this.#count >= most) return;
    this.#said.set(about, said.add(what));
    this.#count += 1;
    this.#warn({ peer: about, what, hint, ...fields }, 'there is no link to another node');
  }

  forget(about: string): void {
    this.#count -= this.#said.get(about)?.size ?? 0;
    this.#said.delete(about);
  }
}
