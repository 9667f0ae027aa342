import type { NodeEvent } from '../../api/event.ts';

export interface Death {
  readonly peer: string;
  readonly incarnation: number;
  readonly cause: 'died' | 'left';
}

export interface NodeDeathsOptions {
  readonly self: string;
  /** Ids of the nodes that are alive now. */
  readonly members: () => readonly string[];
  tell(death: Death): void;
}

const keptDeaths = 100;
/** A node that is younger may not know who was there before it: it is not relied upon. */
const grownUpMs = 30_000;

/**
 * Has a death told by the living node with the lowest id. Whoever takes that part over tells all deaths it remembers again: nobody knows whether the last one
 * had got them out. So each is told at least once, as long as one node that saw it lives.
 */
export class NodeDeaths {
  readonly #options: NodeDeathsOptions;
  readonly #deaths: Death[] = [];
  readonly #joinedAt = new Map<string, number>();

  constructor(options: NodeDeathsOptions) {
    this.#options = options;
  }

  hear(event: NodeEvent): void {
    if (event.type === 'node_joined') this.#joinedAt.set(event.peer, performance.now());
    if (event.type !== 'node_down' && event.type !== 'node_left') return;
    const { peer, incarnation } = event;
    const { self, tell } = this.#options;
    const death = { peer, incarnation, cause: event.type === 'node_down' ? 'died' : 'left' } as const;
    this.#joinedAt.delete(peer);
    this.#deaths.push(death);
    if (this.#deaths.length > keptDeaths) this.#deaths.shift();
    if (!this.#isMine()) return;
    for (const one of peer < self ? this.#deaths : [death]) tell(one);
  }

  #isMine(): boolean {
    const { self, members } = this.#options;
    const grownUp = (id: string) =>
      performance.now() - (this.#joinedAt.get(id) ?? Number.NEGATIVE_INFINITY) > grownUpMs;
    return !members().some((id) => id < self && grownUp(id));
  }
}
