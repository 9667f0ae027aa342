import { setTimeout as delay } from 'node:timers/promises';
import type { Histogram } from './histogram.ts';
import { areGone, type Limit, limitOf } from './limits.ts';
import type { Receivers, ThreadLoad } from './receivers.ts';
import type { Sender, SendingFigures } from './sender.ts';

export interface MessageRun {
  readonly receivers: Receivers;
  readonly sender: Sender;
  /** How many receivers each target has. */
  readonly receiversOf: readonly number[];
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Messages a second; absent: a closed loop. */
  readonly perSecond?: number | undefined;
  /** So long without any arrival, and what has not come is lost. */
  readonly settleMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onPhase?: ((phase: Phase) => void) | undefined;
}

export type Phase = 'warmup' | 'measure' | 'settle';

/** Messages and deliveries are of the measured time; what went wrong is of the warm-up too. */
export interface MessageFigures {
  readonly sending: SendingFigures;
  /** Deliveries that must come of the messages taken, and those that came. */
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly misdelivered: number;
  /** On the wire, towards the receivers, frame heads included. */
  readonly bytes: number;
  /** From the first message's intended time to the last arrival. */
  readonly seconds: number;
  /** From the intended time to the arrival, microseconds. */
  readonly latencies: Histogram;
  /** Deliveries that stand for others in the latencies, because too many came to time each. */
  readonly sampled: number;
  readonly closes: ReadonlyMap<number, number>;
  readonly loads: readonly ThreadLoad[];
  readonly limit: Limit;
  /** The signal ended it. */
  readonly isInterrupted: boolean;
}

const settleStepMs = 20;

/** Sends, waits until all has come, and judges. Never rejects for what the server does; a broken receiver thread rejects. */
export async function runMessages(run: MessageRun): Promise<MessageFigures> {
  const { receivers, sender, receiversOf, perSecond, signal, onPhase } = run;
  if (run.warmupMs > 0 && signal?.aborted !== true) {
    onPhase?.('warmup');
    await sender.send({ durationMs: run.warmupMs, perSecond, signal });
    await settle(run);
  }
  await receivers.mark();
  const before = receivers.counts();
  const deliveriesBefore = sender.streams.deliveries(receiversOf);

  onPhase?.('measure');
  const sending = await Promise.race([
    sender.send({ durationMs: run.durationMs, perSecond, signal }),
    receivers.failed,
  ]);
  const loads = await receivers.loads();
  onPhase?.('settle');
  await settle(run);

  const after = receivers.counts();
  const { lost, closes } = await receivers.judge(sender.streams.sent);
  const seconds = Math.max(sending.endMs, after.lastMs) / 1000 - sending.startMs / 1000;
  return {
    sending,
    expected: sender.streams.deliveries(receiversOf) - deliveriesBefore,
    received: after.received - before.received,
    lost,
    duplicated: after.duplicated,
    outOfOrder: after.outOfOrder,
    misdelivered: after.misdelivered,
    bytes: after.bytes - before.bytes,
    seconds,
    latencies: receivers.latencies(),
    sampled: after.sampled - before.sampled,
    closes,
    loads,
    limit: limitOf({
      receivers: Math.max(0, ...loads.map(({ utilization }) => utilization)),
      sender: sending.utilization,
      wanted: perSecond,
      reached: takenOf(sending) / Math.max(seconds, run.durationMs / 1000),
      isGone: sending.broken > 0 || areGone(closes, after.ready),
      hasRefused: sending.refused > 0 || after.failed > 0,
      isShort: sending.unanswered + lost + after.closed > 0,
    }),
    isInterrupted: signal?.aborted === true,
  };
}

/** Messages the server has said yes to. */
export function takenOf({ messages, refused, unanswered }: SendingFigures): number {
  return messages - refused - unanswered;
}

/** Until everything that was taken has come, or nothing comes any more. */
async function settle({ receivers, sender, receiversOf, settleMs, signal }: MessageRun): Promise<void> {
  const expected = sender.streams.deliveries(receiversOf);
  const quietMs = signal?.aborted === true ? Math.min(settleMs, 500) : settleMs;
  let seen = -1;
  let seenAt = performance.now();
  for (;;) {
    const { received } = receivers.counts();
    if (received >= expected) return;
    if (received > seen) {
      seen = received;
      seenAt = performance.now();
    } else if (performance.now() - seenAt > quietMs) return;
    await Promise.race([delay(settleStepMs), receivers.failed]);
  }
}
