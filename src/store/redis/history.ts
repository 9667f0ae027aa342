import type { StoreChange } from '../replica/changes.ts';
import { nowhere, type Position } from './store-script.ts';

const longest = 1000;
const mostAncestors = 16;

export interface Ancestor {
  readonly epoch: string;
  /** The last of it that is in what came after. */
  readonly revision: number;
}

export interface Step {
  readonly revision: number;
  readonly head: string;
  readonly changes: readonly StoreChange[];
}

export interface KeptHistory {
  readonly position: Position;
  readonly lineage: readonly Ancestor[];
  /** Oldest first; the last led to the position. */
  readonly steps: readonly Step[];
}

/** Where a copy is, and how it came there: the last changes of its epoch, and the epochs before. */
export class History {
  #position = nowhere;
  #lineage: readonly Ancestor[] = [];
  #steps: Step[] = [];

  get position(): Position {
    return this.#position;
  }

  /** Of this history for one that begins after it. */
  get lineage(): readonly Ancestor[] {
    return this.#position.epoch === '' ? [] : this.joinedTo(this.#lineage);
  }

  /** `lineage` with this epoch, up to here, in it. */
  joinedTo(lineage: readonly Ancestor[]): readonly Ancestor[] {
    const { epoch, revision } = this.#position;
    return [{ epoch, revision }, ...lineage.filter((each) => each.epoch !== epoch)].slice(0, mostAncestors);
  }

  /** To go on from in another run, with the newest `steps` changes. */
  kept(steps: number): KeptHistory {
    return { position: this.#position, lineage: this.#lineage, steps: this.#steps.slice(-steps) };
  }

  resume({ position, lineage, steps }: KeptHistory): void {
    this.#position = position;
    this.#lineage = lineage;
    this.#steps = [...steps];
  }

  begin(position: Position, lineage: readonly Ancestor[]): void {
    this.#position = position;
    this.#lineage = lineage;
    this.#steps = [{ revision: position.revision, head: position.head, changes: [] }];
  }

  step(head: string, changes: readonly StoreChange[]): void {
    const revision = this.#position.revision + 1;
    this.#position = { ...this.#position, revision, head };
    this.#steps.push({ revision, head, changes });
    if (this.#steps.length > 2 * longest) this.#steps = this.#steps.slice(-longest);
  }

  /** Whether it was here before. */
  hasPassed({ epoch, revision, head }: Position): boolean {
    if (epoch !== this.#position.epoch) return false;
    return this.#steps.some((step) => step.revision === revision && step.head === head);
  }

  /** What was changed after that revision of this epoch; undefined where that is not known any more. */
  changesAfter(revision: number): readonly StoreChange[] | undefined {
    const [first] = this.#steps;
    if (first === undefined || first.revision > revision) return undefined;
    return this.#steps.filter((step) => step.revision > revision).flatMap(({ changes }) => changes);
  }
}
