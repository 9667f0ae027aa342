export interface StopAsk {
  readonly hurry: boolean;
  /** Instead of `drain.duration`. */
  readonly drainMs?: number | undefined;
}

/** What was asked through the doors, for the one who ends the node; kept until somebody listens. */
export interface StopAsks {
  ask(ask: StopAsk): void;
  listen(listener: (ask: StopAsk) => void): void;
}

export function createStopAsks(): StopAsks {
  const kept: StopAsk[] = [];
  let tell = (ask: StopAsk): void => void kept.push(ask);
  return {
    ask: (ask) => tell(ask),
    listen(listener) {
      tell = listener;
      for (const ask of kept.splice(0)) listener(ask);
    },
  };
}
