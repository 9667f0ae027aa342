import { setTimeout as delay } from 'node:timers/promises';
import { type Contestant, measured, type RunFigures, send } from './contestant.ts';

export interface Steady {
  readonly deliveriesPerSecond: number;
  readonly forMs: number;
}

/** One message at a time at a fixed rate that waits for nobody; latencies count from when a message was meant to be sent. */
export function runSteadily(contestant: Contestant, { deliveriesPerSecond, forMs }: Steady): Promise<RunFigures> {
  const { server, clients } = contestant;
  const apartMs = (1000 * clients.members) / deliveriesPerSecond;
  const messages = Math.max(1, Math.round(forMs / apartMs));
  return measured(contestant, async () => {
    const startMicros = clients.microsNow;
    for (let sent = 0; sent < messages; sent += 1) {
      const intended = startMicros + Math.round(sent * apartMs * 1000);
      const early = (intended - clients.microsNow) / 1000;
      if (early > 0) await delay(early);
      send(server, clients, 1, intended);
    }
    await clients.received(messages * clients.members);
    return messages * clients.members;
  });
}
