import { setTimeout as delay } from 'node:timers/promises';
import { type Contestant, measured, type RunFigures, send } from './contestant.ts';

export interface Steady {
  readonly deliveriesPerSecond: number;
  readonly forMs: number;
}

/** So late a message left because the bench itself was. */
const lateMs = 5;

export interface SteadyFigures extends RunFigures {
  /** Of the messages: the server has no part in when they leave. */
  readonly lateShare: number;
}

/** One message at a time at a fixed rate that waits for nobody; latencies count from when a message was meant to be sent. */
export async function runSteadily(
  contestant: Contestant,
  { deliveriesPerSecond, forMs }: Steady,
): Promise<SteadyFigures> {
  const { server, clients } = contestant;
  const apartMs = (1000 * clients.members) / deliveriesPerSecond;
  const messages = Math.max(1, Math.round(forMs / apartMs));
  let late = 0;
  const figures = await measured(contestant, async () => {
    const startMicros = clients.microsNow;
    for (let sent = 0; sent < messages; sent += 1) {
      const intended = startMicros + Math.round(sent * apartMs * 1000);
      const early = (intended - clients.microsNow) / 1000;
      if (early > 0) await delay(early);
      if (clients.microsNow - intended > lateMs * 1000) late += 1;
      send(server, clients, 1, intended);
    }
    await clients.received(messages * clients.members);
    return messages * clients.members;
  });
  return { ...figures, lateShare: late / messages };
}
