import type { Directory, Login, Route } from './directory.ts';

/** The directory of a single node, and the reference for the others. */
export class MemoryDirectory implements Directory {
  /** By system, then user. Most users have one login. */
  readonly #systems = new Map<string, Map<string, Login | readonly Login[]>>();
  #sequence = 0;

  login({ system, uid, node, cid }: Route): number {
    this.#sequence += 1;
    const loginSequence = this.#sequence;
    let users = this.#systems.get(system);
    if (users === undefined) {
      users = new Map();
      this.#systems.set(system, users);
    }
    const login: Login = { system, uid, node, cid, loginSequence };
    const held = users.get(uid);
    users.set(uid, held === undefined ? login : [...listOf(held).filter((each) => each.cid !== cid), login]);
    return loginSequence;
  }

  logout({ system, uid, cid, loginSequence }: Login): void {
    const users = this.#systems.get(system);
    const held = users?.get(uid);
    if (users === undefined || held === undefined) return;
    const left = listOf(held).filter((each) => each.cid !== cid || each.loginSequence !== loginSequence);
    const [first] = left;
    if (first !== undefined) users.set(uid, left.length === 1 ? first : left);
    else {
      users.delete(uid);
      if (users.size === 0) this.#systems.delete(system);
    }
  }

  async routes(system: string, uid: string): Promise<Login[]> {
    return [...listOf(this.#systems.get(system)?.get(uid) ?? [])];
  }

  async close(): Promise<void> {}
}

function listOf(held: Login | readonly Login[]): readonly Login[] {
  return 'cid' in held ? [held] : held;
}
