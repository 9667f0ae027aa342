import { newLease } from '../util/cids.ts';
import { StartError } from '../util/start-error.ts';
import type { Claim, LeaseListener, Leases, Member, MemberInfo } from './leases.ts';

interface Holding {
  readonly incarnation: number;
  readonly cidLease: number;
  info?: MemberInfo;
  /** Undefined: its process has ended without a word. */
  owner: MemoryLeases | undefined;
}

/** The directory that the `MemoryLeases` of several nodes in one process share. Time is told to it: `expire` ends a lease. */
export class MemoryLeaseTable {
  readonly #holdings = new Map<string, Holding>();
  readonly #watching = new Set<() => void>();
  #lastIncarnation = 0;

  take(id: string, owner: MemoryLeases, cidLease?: number): Holding {
    const held = this.#holdings.get(id);
    if (held?.owner !== undefined) {
      throw new StartError(`the node id ${id} is held by another node`, { exitCode: 78 });
    }
    this.#lastIncarnation += 1;
    const taken = new Set([...this.#holdings.values()].map(({ cidLease }) => cidLease));
    const holding: Holding = { incarnation: this.#lastIncarnation, cidLease: cidLease ?? newLease(taken), owner };
    this.#holdings.set(id, holding);
    this.#tell();
    return holding;
  }

  publish(id: string, info: MemberInfo): void {
    const holding = this.#holdings.get(id);
    if (holding === undefined) return;
    holding.info = info;
    this.#tell();
  }

  members(): Member[] {
    return [...this.#holdings]
      .flatMap(([id, { incarnation, cidLease, info }]) => (info ? [{ ...info, id, incarnation, cidLease }] : []))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Its process has ended without a word: the id can be taken, and the member stays until `expire`. */
  kill(id: string): void {
    const holding = this.#holdings.get(id);
    if (holding !== undefined) holding.owner = undefined;
  }

  /** As when it has not beaten for too long; a node that lives enters again with a new incarnation. */
  expire(id: string): void {
    const holding = this.#holdings.get(id);
    this.#holdings.delete(id);
    this.#tell();
    holding?.owner?.enterAgain(holding.info);
  }

  remove(id: string, owner: MemoryLeases): void {
    if (this.#holdings.get(id)?.owner !== owner) return;
    this.#holdings.delete(id);
    this.#tell();
  }

  watch(onChange: () => void): () => void {
    this.#watching.add(onChange);
    return () => void this.#watching.delete(onChange);
  }

  #tell(): void {
    for (const onChange of [...this.#watching]) onChange();
  }
}

/** Leases of nodes of one process: for tests of several nodes, and the reference for the others. */
export class MemoryLeases implements Leases {
  readonly #table: MemoryLeaseTable;
  readonly #id: string;
  readonly #listeners = new Set<LeaseListener>();
  #members: readonly Member[] = [];
  #holding: Holding | undefined;
  #unwatch: (() => void) | undefined;
  #failure: string | undefined;
  #missed = false;

  constructor(table: MemoryLeaseTable, id: string) {
    this.#table = table;
    this.#id = id;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  get incarnation(): number | undefined {
    return this.#holding?.incarnation;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  get isCertain(): boolean {
    return this.#holding !== undefined && this.#failure === undefined;
  }

  async claim(): Promise<Claim> {
    const { incarnation, cidLease } = this.#take();
    this.#unwatch ??= this.#table.watch(() => this.#learn());
    this.#learn();
    return { incarnation, cidLease, members: this.#members.filter(({ id }) => id !== this.#id) };
  }

  async publish(info: MemberInfo): Promise<void> {
    this.#table.publish(this.#id, info);
  }

  watch(listener: LeaseListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async release(): Promise<void> {
    this.#unwatch?.();
    this.#listeners.clear();
    this.#table.remove(this.#id, this);
    this.#holding = undefined;
  }

  /** The table cannot be asked from here, and members stay as they were; undefined: it can be again. */
  fail(failure: string | undefined): void {
    this.#failure = failure;
    for (const { onFailure } of [...this.#listeners]) onFailure?.(failure);
    if (failure === undefined && this.#missed) this.#learn();
  }

  enterAgain(info: MemberInfo | undefined): void {
    const before = this.#holding;
    const after = this.#take();
    if (before === undefined) return;
    for (const { onReentry } of [...this.#listeners]) {
      onReentry?.({
        incarnation: after.incarnation,
        previousIncarnation: before.incarnation,
        cidLease: after.cidLease,
        previousCidLease: before.cidLease,
      });
    }
    if (info !== undefined) this.#table.publish(this.#id, info);
  }

  #take(): Holding {
    this.#holding = this.#table.take(this.#id, this, this.#holding?.cidLease);
    return this.#holding;
  }

  #learn(): void {
    this.#missed = this.#failure !== undefined;
    if (this.#missed) return;
    this.#members = this.#table.members();
    for (const { onMembers } of [...this.#listeners]) onMembers?.(this.#members);
  }
}
