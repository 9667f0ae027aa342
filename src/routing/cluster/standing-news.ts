import type { Standing } from '../../api/standing.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import { note } from './notes.ts';

/** How each node says it is, told to the others with every change. */
export class StandingNews {
  readonly #cluster: Cluster;
  readonly #others = new Map<string, Standing>();
  #own: Standing | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What a node that is linked said last; undefined as long as it has said nothing. */
  of(node: string): Standing | undefined {
    return this.#others.get(node);
  }

  tell(standing: Standing): void {
    this.#own = standing;
    for (const node of this.#cluster.nodes) this.#cluster.tell(node, note('standing', standing));
  }

  onStanding(from: string, standing: Standing): void {
    this.#others.set(from, standing);
  }

  onJoin(node: string): void {
    if (this.#own !== undefined) this.#cluster.tell(node, note('standing', this.#own));
  }

  onLeave(node: string): void {
    this.#others.delete(node);
  }
}
