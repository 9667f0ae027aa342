/** A start of a node, as places refer to it. */
export interface Holder {
  readonly id: string;
  readonly incarnation: number;
  /** It has ended, or tells all that it holds anew. */
  isVoid: boolean;
}

export interface HeldPlace {
  readonly holder: Holder;
  readonly cid: number;
  readonly sequence: number;
}

/** All places of one name. Most users have one. */
type Entry = HeldPlace | readonly HeldPlace[];

const nobody: readonly HeldPlace[] = [];

/**
 * All places of those names that are held: those with a place of this node stay, of the others as many as `most`, those that were
 * asked for lately (in two halves: what is asked for comes into the younger one, and the older one goes when that is full). One place of
 * another node takes about 150 bytes.
 */
export class HeldPlaces {
  readonly #self: Holder;
  readonly #halfOfMost: number;
  readonly #own = new Names();
  #young = new Names();
  #old = new Names();

  constructor(self: Holder, most: number) {
    this.#self = self;
    this.#halfOfMost = Math.ceil(most / 2);
  }

  /** Undefined: they are not known. The array is nobody's to change. */
  find(system: string, name: string): readonly HeldPlace[] | undefined {
    const entry = this.#own.get(system, name) ?? this.#young.get(system, name);
    if (entry !== undefined) return listOf(entry);
    const older = this.#old.get(system, name);
    if (older === undefined) return undefined;
    this.#old.delete(system, name);
    this.#keepYoung(system, name, older);
    return listOf(older);
  }

  isOwn(system: string, name: string): boolean {
    return this.#own.get(system, name) !== undefined;
  }

  set(system: string, name: string, places: readonly HeldPlace[]): void {
    const [first] = places;
    const entry = places.length === 1 && first !== undefined ? first : places.length === 0 ? nobody : places;
    if (places.some(({ holder }) => holder === this.#self)) {
      this.#young.delete(system, name);
      this.#old.delete(system, name);
      this.#own.set(system, name, entry);
    } else {
      this.#own.delete(system, name);
      this.#old.delete(system, name);
      this.#keepYoung(system, name, entry);
    }
  }

  forget(system: string, name: string): void {
    for (const names of [this.#own, this.#young, this.#old]) names.delete(system, name);
  }

  /** Those of other nodes only. */
  forgetOthers(): void {
    this.#young = new Names();
    this.#old = new Names();
  }

  /** Names with places of this node. */
  *own(): Generator<{ readonly system: string; readonly name: string; readonly places: readonly HeldPlace[] }> {
    for (const [system, name, entry] of this.#own) yield { system, name, places: listOf(entry) };
  }

  /** Of those, by system, how many are counted: all that are on this node alone, and of the others those that `isCounted` says. */
  countOwn(isCounted: (places: readonly HeldPlace[]) => boolean): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [system, names] of this.#own.bySystem) {
      let count = 0;
      for (const entry of names.values()) if ('cid' in entry || isCounted(entry)) count += 1;
      if (count > 0) counts.set(system, count);
    }
    return counts;
  }

  get ownSize(): number {
    return this.#own.size;
  }

  get othersSize(): number {
    return this.#young.size + this.#old.size;
  }

  #keepYoung(system: string, name: string, entry: Entry): void {
    this.#young.set(system, name, entry);
    if (this.#young.size <= this.#halfOfMost) return;
    this.#old = this.#young;
    this.#young = new Names();
  }
}

/** Two maps keep a name of any text apart from every other. */
class Names {
  readonly #systems = new Map<string, Map<string, Entry>>();
  size = 0;

  get(system: string, name: string): Entry | undefined {
    return this.#systems.get(system)?.get(name);
  }

  set(system: string, name: string, entry: Entry): void {
    let names = this.#systems.get(system);
    if (names === undefined) {
      names = new Map();
      this.#systems.set(system, names);
    }
    if (!names.has(name)) this.size += 1;
    names.set(name, entry);
  }

  delete(system: string, name: string): void {
    const names = this.#systems.get(system);
    if (names?.delete(name) !== true) return;
    this.size -= 1;
    if (names.size === 0) this.#systems.delete(system);
  }

  get bySystem(): ReadonlyMap<string, ReadonlyMap<string, Entry>> {
    return this.#systems;
  }

  *[Symbol.iterator](): Generator<[system: string, name: string, entry: Entry]> {
    for (const [system, names] of this.#systems) for (const [name, entry] of names) yield [system, name, entry];
  }
}

function listOf(entry: Entry): readonly HeldPlace[] {
  return 'cid' in entry ? [entry] : entry;
}
