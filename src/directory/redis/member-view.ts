import type { LeaseListener, Member, MemberInfo, Reentry } from '../leases.ts';

interface ToldMember {
  readonly id: string;
  readonly incarnation: number;
  readonly cidLease: number;
  /** JSON of a `MemberInfo`. */
  readonly info: string;
}

interface MemberViewOptions {
  readonly self: string;
  /** How long those are kept that the directory has lost. */
  readonly holdMs: number;
  /** A listener threw. Absent: it is thrown again, where nobody catches it. */
  readonly onBug?: (error: unknown) => void;
}

/** The members as one node knows them, and who is told of changes. */
export class MemberView {
  readonly #options: MemberViewOptions;
  readonly #listeners = new Set<LeaseListener>();
  readonly #parsed = new Map<string, { readonly text: string; readonly member: Member }>();
  /** Known before the directory could not be asked, and not entered again yet. */
  #held = new Map<string, Member>();
  #heldUntil = 0;
  #era: string | undefined;
  #members: readonly Member[] = [];
  #failure: string | undefined;

  constructor(options: MemberViewOptions) {
    this.#options = options;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** Undefined: nobody is held. */
  get holdsForMs(): number | undefined {
    return this.#held.size === 0 ? undefined : Math.max(1, this.#heldUntil - performance.now());
  }

  watch(listener: LeaseListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  end(): void {
    this.#listeners.clear();
  }

  reenter(reentry: Reentry): void {
    this.#tell(({ onReentry }) => onReentry?.(reentry));
  }

  fail(failure: string | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#tell(({ onFailure }) => onFailure?.(failure));
  }

  /** What the directory has answered. */
  learn(era: string, told: readonly ToldMember[]): void {
    if (this.#era !== undefined && this.#era !== era) {
      const others = this.#members.filter(({ id }) => id !== this.#options.self);
      this.#held = new Map(others.map((member) => [member.id, member]));
      this.#heldUntil = performance.now() + this.#options.holdMs;
    }
    this.#era = era;
    for (const { id } of told) this.#held.delete(id);
    if (performance.now() >= this.#heldUntil) this.#held.clear();
    const members = told.map((each) => this.#memberOf(each)).filter((member) => member !== undefined);
    this.fail(undefined);
    this.#set([...members, ...this.#held.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  #set(members: readonly Member[]): void {
    const before = this.#members;
    if (before.length === members.length && members.every((member, at) => member === before[at])) return;
    this.#members = members;
    const ids = new Set(members.map(({ id }) => id));
    for (const id of this.#parsed.keys()) if (!ids.has(id)) this.#parsed.delete(id);
    this.#tell(({ onMembers }) => onMembers?.(members));
  }

  /** Each of them, whatever another does: who asks the directory does not take a bug of theirs for its failure. */
  #tell(one: (listener: LeaseListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        one(listener);
      } catch (error) {
        (this.#options.onBug ?? throwAlone)(error);
      }
    }
  }

  /** The same object as long as nothing of it changes; undefined where another program wrote what is none. */
  #memberOf({ id, incarnation, cidLease, info }: ToldMember): Member | undefined {
    const text = `${incarnation}:${cidLease}:${info}`;
    const parsed = this.#parsed.get(id);
    if (parsed?.text === text) return parsed.member;
    const read = readInfo(info);
    if (read === undefined) return undefined;
    const member = { ...read, id, incarnation, cidLease };
    this.#parsed.set(id, { text, member });
    return member;
  }
}

function throwAlone(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** What a newer version adds is kept. */
function readInfo(info: string): MemberInfo | undefined {
  try {
    const read = JSON.parse(info) as MemberInfo;
    return typeof read.host === 'string' && typeof read.port === 'number' ? read : undefined;
  } catch {
    return undefined;
  }
}
