import type { NodeStats } from '../api/stats.ts';
import type { Config } from '../config/schema.ts';
import type { Connection } from '../registry/connection.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Core } from './core.ts';
import type { Doors } from './doors.ts';
import type { Listeners } from './listeners.ts';
import type { NodeHome } from './node-home.ts';
import { createOperatorDrain, type OperatorDrain } from './operator-drain.ts';
import { createPortLeave } from './port-leave.ts';
import type { Traffic } from './traffic.ts';

export interface NodeDrainOptions {
  readonly log: Logger;
  readonly nodeId: string;
  readonly config: Pick<Config, 'drain'>;
  readonly home: Pick<NodeHome, 'isShared' | 'onDrained'>;
  readonly listeners: Listeners;
  /** Of the node, whether an operator has drained it or not. */
  readonly state: () => NodeStats['state'];
  /** Asked for nothing before the node serves. */
  readonly parts: () => { readonly core: Core; readonly doors: Doors; readonly traffic: Traffic };
}

export interface NodeDrain {
  readonly drain: OperatorDrain;
  readonly clientsLeft: () => number;
  /** Those that are to be closed; whoever has not bound is closed by this already. */
  readonly takeClients: () => readonly Connection[];
}

/** What a drain is of a whole node. */
export function createNodeDrain(options: NodeDrainOptions): NodeDrain {
  const { log, nodeId, config, home, listeners, state, parts } = options;
  const clientsLeft = () => {
    const { core, doors } = parts();
    return core.registry.size + doors.ws.pending;
  };
  const takeClients = () => {
    const { core, doors } = parts();
    doors.ws.closePending('going_away');
    return core.registry.connections;
  };
  const doOthersServe = async () => {
    const { nodes } = await parts().core.execute({ type: 'stats' });
    return nodes.some((each) => each.node !== nodeId && each.state === 'serving');
  };
  const portLeave = home.isShared ? createPortLeave({ listeners, doOthersServe, log }) : undefined;
  const drain = createOperatorDrain({
    log,
    state,
    times: config.drain,
    isQuiet: () => clientsLeft() === 0 && parts().traffic.isQuiet,
    clientsLeft,
    sockets: () => parts().doors.ws.sockets,
    takeClients,
    onBegin: () => {
      const { core, doors, traffic } = parts();
      doors.ws.refuseWaiting();
      traffic.leave();
      portLeave?.leave();
      home.onDrained?.(true);
      core.events.emit({ type: 'state', state: 'draining', reason: 'an operator drains it' });
    },
    onEnd: () => {
      const { core, traffic } = parts();
      traffic.stay();
      portLeave?.enter();
      home.onDrained?.(false);
      core.events.emit({ type: 'state', state: 'serving', reason: 'an operator resumed it' });
    },
    onGiveWay: () => portLeave?.cancel(),
  });
  return { drain, clientsLeft, takeClients };
}
