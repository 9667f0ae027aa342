import type { Directory, Login, Route } from './directory.ts';

/** The directory of a single node, and the reference for the others. */
export class MemoryDirectory implements Directory {
  readonly #users = new Map<string, Map<number, Login>>();
  #sequence = 0;

  async login(route: Route): Promise<number> {
    this.#sequence += 1;
    const key = userKey(route.system, route.uid);
    let logins = this.#users.get(key);
    if (logins === undefined) {
      logins = new Map();
      this.#users.set(key, logins);
    }
    logins.set(route.cid, { ...route, loginSequence: this.#sequence });
    return this.#sequence;
  }

  async logout(login: Login): Promise<void> {
    const key = userKey(login.system, login.uid);
    const logins = this.#users.get(key);
    if (logins?.get(login.cid)?.loginSequence !== login.loginSequence) return;
    logins.delete(login.cid);
    if (logins.size === 0) this.#users.delete(key);
  }

  async routes(system: string, uid: string): Promise<Login[]> {
    return [...(this.#users.get(userKey(system, uid))?.values() ?? [])];
  }

  async close(): Promise<void> {}
}

/** The length in front keeps ("a:b", "c") and ("a", "b:c") apart. */
function userKey(system: string, uid: string): string {
  return `${system.length}:${system}:${uid}`;
}
