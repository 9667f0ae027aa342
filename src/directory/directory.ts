import type { Awaitable } from '../util/awaitable.ts';

/** One connection's place: which node holds this connection of this user. */
export interface Route {
  readonly system: string;
  readonly uid: string;
  readonly node: string;
  readonly cid: number;
}

/** A route with the number of its login. */
export interface Login extends Route {
  readonly loginSequence: number;
}

/**
 * Ephemeral knowledge of who is where, over all nodes. Guarantees: `login` returns a number greater than that of any
 * earlier login of the same user; `logout` removes exactly the login it names, so that late cleanup after a newer login
 * removes nothing of it; `routes` may be out of date by one hop, never by more. A directory that cannot be asked rejects,
 * which callers take for "ask everyone", never for "nobody is there". One that knows everything answers at once.
 */
export interface Directory {
  login(route: Route): Awaitable<number>;
  logout(login: Login): Awaitable<void>;
  routes(system: string, uid: string): Promise<Login[]>;
  close(): Promise<void>;
}
