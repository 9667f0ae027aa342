import { YunqueError } from '../api/errors.ts';
import type { DrainStats, NodeStats } from '../api/stats.ts';
import type { Connection } from '../registry/connection.ts';
import type { NodeDrainSwitch } from '../routing/drain-node.ts';
import type { Logger } from '../telemetry/log.ts';
import { closePaced, pause } from './drain.ts';
import { type DrainProgress, startDrainProgress } from './drain-progress.ts';

export interface OperatorDrainOptions {
  readonly log: Logger;
  /** Of the node, whether it drains or not. */
  readonly state: () => NodeStats['state'];
  readonly times: { readonly graceMs: number; readonly durationMs: number };
  /** Nobody is connected and nobody came lately, so nobody has to notice first. */
  readonly isQuiet: () => boolean;
  readonly clientsLeft: () => number;
  /** WebSockets that are not wholly closed. */
  readonly sockets: () => number;
  /** Those that are to be closed; whoever has not bound is closed by this already. */
  readonly takeClients: () => readonly Connection[];
  /** Newcomers are refused from now on. */
  readonly onBegin: () => void;
  readonly onEnd: () => void;
  readonly onGiveWay: () => void;
}

/** A drain that ends with no stop: it lasts until it is resumed, or until the node stops. */
export interface OperatorDrain extends NodeDrainSwitch {
  readonly isOn: boolean;
  /** It has been on for so long that balancers have noticed. */
  readonly isNoticed: boolean;
  read(): DrainStats | undefined;
  /** The node stops, and sends away itself who is left. */
  giveWay(): void;
}

interface Draining {
  readonly progress: DrainProgress;
  /** When the first client may be closed. */
  readonly noticedAt: number;
}

export function createOperatorDrain(options: OperatorDrainOptions): OperatorDrain {
  const { log, times } = options;
  let draining: Draining | undefined;
  let pacing = new AbortController();

  function checkState(): void {
    if (options.state() === 'starting') throw new YunqueError('unavailable', 'the node does not serve yet');
    if (options.state() === 'draining') throw new YunqueError('going_away', 'the node is stopping already');
  }

  function start(): Draining {
    const waitMs = options.isQuiet() ? 0 : times.graceMs;
    const progress = startDrainProgress(log, options.clientsLeft, options.sockets);
    return { progress, noticedAt: performance.now() + waitMs };
  }

  async function sendAway(noticedAt: number, perSecond: number | undefined, cancel: AbortSignal): Promise<void> {
    await pause(Math.max(0, noticedAt - performance.now()), cancel);
    while (!cancel.aborted) {
      const connections = options.takeClients().filter(({ isOpen }) => isOpen);
      if (connections.length === 0) break;
      const pace = perSecond === undefined ? 'rate' : { perSecond };
      await closePaced(connections, {
        durationMs: times.durationMs,
        pace,
        cancel,
        reason: 'the node sends its clients to the others',
      });
    }
    if (!cancel.aborted) log.info('drained: it takes no clients until it is resumed');
  }

  function stopPacing(): void {
    pacing.abort();
    pacing = new AbortController();
  }

  function finish(): void {
    stopPacing();
    draining?.progress[Symbol.dispose]();
    draining = undefined;
  }

  return {
    get isOn() {
      return draining !== undefined;
    },
    get isNoticed() {
      return draining !== undefined && performance.now() >= draining.noticedAt;
    },
    read: () => draining && { ...draining.progress.read(), isStaying: true },
    begin(perSecond) {
      checkState();
      stopPacing();
      const isNew = draining === undefined;
      draining ??= start();
      log.info(
        { clients: options.clientsLeft(), perSecond },
        isNew ? 'draining, as an operator asked' : 'draining at another rate',
      );
      if (isNew) options.onBegin();
      const clients = options.clientsLeft();
      sendAway(draining.noticedAt, perSecond, pacing.signal).catch((error) =>
        log.error({ err: error }, 'a drain failed'),
      );
      return clients;
    },
    end() {
      checkState();
      if (draining === undefined) return false;
      finish();
      log.info('takes clients again, as an operator asked');
      options.onEnd();
      return true;
    },
    giveWay() {
      finish();
      options.onGiveWay();
    },
  };
}
