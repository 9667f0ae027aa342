import type { Command, Execute, PushCommand, PushListCommand, ResultOf } from '../../api/command.ts';
import type { UplinkRequest } from '../../egress/uplink/request.ts';
import type { Taps } from './taps.ts';

/** `execute` as the doors of a node call it, with what comes in told to the taps once it has its receipt. */
export function tappedExecute(execute: Execute, taps: Taps): Execute {
  return <C extends Command>(command: C) => {
    if (!taps.isOpen || (command.type !== 'push' && command.type !== 'pushList')) return execute(command);
    return executeTapped(execute, taps, command as PushCommand | PushListCommand) as Promise<ResultOf<C>>;
  };
}

async function executeTapped(
  execute: Execute,
  taps: Taps,
  command: PushCommand | PushListCommand,
): Promise<ResultOf<typeof command>> {
  const time = Date.now();
  if (command.type === 'push') {
    const receipt = await execute(command);
    taps.onPushed(command, time, receipt);
    return receipt;
  }
  const receipt = await execute(command);
  const { system, door, items } = command;
  const { offline } = receipt;
  for (const item of items) taps.onPushed({ system, door, ...item }, time, { offline });
  return receipt;
}

/** Whoever answers the requests of clients, with each told to the taps. */
export function tappedUplink<T>(uplink: { ask(request: UplinkRequest): T }, taps: Taps): typeof uplink {
  return {
    ask(request) {
      if (taps.isOpen) taps.onRequest(request);
      return uplink.ask(request);
    },
  };
}
