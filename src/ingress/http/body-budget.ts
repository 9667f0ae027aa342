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

/** Counts what all bodies that are being read and answered hold together. `limit`: in bytes, read each time. */
export function createBodyBudget(limit: () => number): BodyBudget {
  const heldBy = new Map<string | undefined, number>();
  let held = 0;

  function hasRoom(system: string | undefined, bytes: number): boolean {
    const own = heldBy.get(system) ?? 0;
    const left = limit() - (held - own);
    return own + bytes <= (system === undefined ? left : left / 2);
  }

  function add(system: string | undefined, bytes: number): void {
    held += bytes;
    const own = (heldBy.get(system) ?? 0) + bytes;
    if (own === 0) heldBy.delete(system);
    else heldBy.set(system, own);
  }

  return {
    open(system) {
      if (!hasRoom(system, requestBytes)) return undefined;
      let taken = requestBytes;
      add(system, taken);
      return {
        take(bytes) {
          if (!hasRoom(system, bytes)) return false;
          taken += bytes;
          add(system, bytes);
          return true;
        },
        release: () => add(system, -taken),
      };
    },
  };
}
