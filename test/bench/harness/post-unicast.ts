import { createClock } from '../../../src/load/clock.ts';
import { loadDialects } from '../../../src/load/dialects.ts';
import { createDoor } from '../../../src/load/doors.ts';
import { createMagic } from '../../../src/load/marker.ts';
import { openReceivers } from '../../../src/load/receivers.ts';
import { runMessages } from '../../../src/load/run-messages.ts';
import { Sender } from '../../../src/load/sender.ts';
import { planStreams } from '../../../src/load/streams.ts';
import { messageBytes } from './contestant.ts';

const inFlight = 64;
const timeoutMs = 10_000;

export interface UnicastFigures {
  readonly pushes: number;
  readonly pushesPerSecond: number;
  /** Milliseconds from when a push was meant to be sent to its arrival. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** `POST /send`, each to one of many users with one connection each, over 64 kept connections with one under way on each. */
export interface UnicastLoad extends AsyncDisposable {
  /** So many pushes a second, or as many as are answered. Throws unless each has come to its user, once and in order. */
  run(durationMs: number, perSecond?: number): Promise<UnicastFigures>;
}

/** `to`: the port where the users are, `at`: the port that is posted to. */
export async function openUnicast({ at, to, users }: { at: number; to: number; users: number }): Promise<UnicastLoad> {
  await using made = new AsyncDisposableStack();
  const { path, wire, bind } = loadDialects.yunque;
  const names = Array.from({ length: users }, (_, number) => `user-${number}`);
  const clock = createClock();
  const common = { magic: createMagic(Math.random), epochMs: clock(), timeoutMs };
  const streams = planStreams(users, inFlight);
  const receivers = made.use(
    openReceivers({
      ...common,
      ...{ wire, threads: 1, pace: { concurrency: 100 }, lanes: streams.lanesPerTarget },
      endpoint: { host: '127.0.0.1', port: to },
      clients: names.map((name, target) => ({ path, target, ...(bind && { hello: bind(name) }) })),
    }),
  );
  const { failures } = await Promise.race([receivers.opened, receivers.failed]);
  if (failures.size > 0) throw new Error([...failures].map(([reason, count]) => `${count} × ${reason}`).join('; '));
  const head = { host: `127.0.0.1:${at}`, prefix: '', system: 'default' };
  const door = createDoor('yunque-socket', { ...head, audience: 'user', names, size: messageBytes });
  const endpoint = { host: '127.0.0.1', port: at };
  const sender = new Sender({ ...common, endpoint, streams, clock, batch: 1, ...door });
  made.defer(() => sender.close());
  const receiversOf = names.map(() => 1);
  const owned = made.move();
  return {
    async run(durationMs, perSecond) {
      const work = { receivers, sender, receiversOf, warmupMs: 0, durationMs, perSecond, settleMs: timeoutMs };
      const { sending, lost, duplicated, outOfOrder, misdelivered, seconds, latencies } = await runMessages(work);
      const { messages, refused, unanswered, trouble } = sending;
      const wrong = { refused, unanswered, lost, duplicated, outOfOrder, misdelivered };
      const faults = Object.entries(wrong).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
      if (faults.length > 0) throw new Error(`${faults.join(', ')}${trouble === undefined ? '' : `: ${trouble}`}`);
      return {
        pushes: messages,
        pushesPerSecond: messages / seconds,
        p50Ms: latencies.percentile(50) / 1000,
        p99Ms: latencies.percentile(99) / 1000,
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
