/** What a request costs besides its body, in bytes. */
const requestBytes = 4096;

export interface BodyBudget {
  /**
   * Begins a body; undefined where there is no room for it. `system`: whose key it came with; undefined: the operator’s, or a trusted peer’s, who may
   * take all there is. A system’s bodies get half of what the others leave at most, so that none of them shuts out the rest.
   */
  open(system: string | undefined): BodyLease | undefined;
}

export interface BodyLease {
  /** So many more bytes have been read; false where there is no room for them. */
  take(bytes: number): boolean;
  /** Called once, when nothing of it is held any longer. */
  release(): void;
}

/** What one system's bodies hold. */
interface Account {
  readonly system: string | undefined;
  held: number;
}

/** Counts what all bodies that are being read and answered hold together. `limit`: in bytes, read each time. */
export function createBodyBudget(limit: () => number): BodyBudget {
  const unbounded: Account = { system: undefined, held: 0 };
  /** Those that hold something. */
  const accounts = new Map<string, Account>();
  let held = 0;

  function hasRoom({ system, held: own }: Account, bytes: number): boolean {
    const left = limit() - (held - own);
    return own + bytes <= (system === undefined ? left : left / 2);
  }

  function add(account: Account, bytes: number): void {
    held += bytes;
    account.held += bytes;
    if (account.system === undefined) return;
    if (account.held === 0) accounts.delete(account.system);
    else accounts.set(account.system, account);
  }

  return {
    open(system) {
      const account = system === undefined ? unbounded : (accounts.get(system) ?? { system, held: 0 });
      if (!hasRoom(account, requestBytes)) return undefined;
      let taken = requestBytes;
      add(account, taken);
      return {
        take(bytes) {
          if (!hasRoom(account, bytes)) return false;
          taken += bytes;
          add(account, bytes);
          return true;
        },
        release: () => add(account, -taken),
      };
    },
  };
}
