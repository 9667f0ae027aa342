import type { LeaseListener, Leases, Member, MemberInfo } from './leases.ts';

/** Between two looks at those that are held. */
const lookMs = 500;

/**
 * `Leases`, but that a node whose lease has ended is gone only if nothing else says that it lives: one that is cut off from the directory, and is
 * still talked with, keeps its clients, and who forgot it would deliver nothing to them and say so to nobody. It is held, under the incarnation
 * it had, until `lives` says no or it enters again.
 */
export class HeldLeases implements Leases {
  readonly #inner: Leases;
  readonly #listeners = new Set<LeaseListener>();
  readonly #lookMs: number;
  #lives: (member: Member) => boolean = () => false;
  #members: readonly Member[];
  #timer: NodeJS.Timeout | undefined;

  constructor(inner: Leases, { everyMs = lookMs }: { readonly everyMs?: number } = {}) {
    this.#inner = inner;
    this.#lookMs = everyMs;
    this.#members = inner.members;
    inner.watch({
      onMembers: () => this.#follow(),
      onReentry: (reentry) => this.#tell(({ onReentry }) => onReentry?.(reentry)),
      onFailure: (failure) => this.#tell(({ onFailure }) => onFailure?.(failure)),
    });
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  get incarnation(): number | undefined {
    return this.#inner.incarnation;
  }

  get failure(): string | undefined {
    return this.#inner.failure;
  }

  get isCertain(): boolean {
    return this.#inner.isCertain;
  }

  /** From now on: whether a node is known to live although its lease has ended. */
  holdWhile(lives: (member: Member) => boolean): void {
    this.#lives = lives;
  }

  async claim() {
    const claim = await this.#inner.claim();
    this.#follow();
    return claim;
  }

  publish(info: MemberInfo): Promise<void> {
    return this.#inner.publish(info);
  }

  watch(listener: LeaseListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  release(): Promise<void> {
    this.#listeners.clear();
    clearTimeout(this.#timer);
    this.#lives = () => false;
    return this.#inner.release();
  }

  #follow(): void {
    const listed = this.#inner.members;
    const ids = new Set(listed.map(({ id }) => id));
    const held = this.#members.filter((member) => !ids.has(member.id) && this.#lives(member));
    clearTimeout(this.#timer);
    if (held.length > 0) this.#timer = setTimeout(() => this.#follow(), this.#lookMs).unref();
    const before = this.#members;
    const members = held.length === 0 ? listed : [...listed, ...held].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (before.length === members.length && members.every((member, at) => member === before[at])) return;
    this.#members = members;
    this.#tell(({ onMembers }) => onMembers?.(members));
  }

  #tell(each: (listener: LeaseListener) => void): void {
    for (const listener of [...this.#listeners]) each(listener);
  }
}
