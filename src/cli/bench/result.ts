import type { Histogram } from '../../load/histogram.ts';
import { areGone, isGoneReason, type Limit, limitOf } from '../../load/limits.ts';
import type { Counts } from '../../load/receivers.ts';
import { type MessageFigures, takenOf } from '../../load/run-messages.ts';
import type { SendingFigures } from '../../load/sender.ts';
import type { OpenCrowd } from './crowd.ts';
import type { ApiFlags, ClientFlags, MessageFlags } from './flags.ts';

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly max: number;
  readonly mean: number;
}

/** What a run says of itself, `yunque.bench/1`; fields that a scenario does not have are absent. Rates are per second, latencies milliseconds. */
export interface BenchResult {
  readonly scenario: 'fanout' | 'group' | 'unicast' | 'connect' | 'api';
  readonly dialect?: string;
  readonly clients?: number;
  readonly connected?: number;
  /** That never became ready, that were lost again, and times a full server sent one away. */
  readonly failed?: number;
  readonly closed?: number;
  readonly closeCodes?: Readonly<Record<string, number>>;
  readonly turnedAway?: number;
  readonly groups?: number;
  readonly outsiders?: number;
  readonly size?: number;
  readonly batch?: number;
  readonly inFlight?: number;
  /** Of messages, requests or connections: asked for, and reached. */
  readonly wantedRate?: number;
  readonly rate: number;
  readonly seconds: number;
  readonly requests?: number;
  readonly sent?: number;
  readonly refused?: number;
  readonly unanswered?: number;
  readonly unsent?: number;
  readonly expected?: number;
  readonly received?: number;
  readonly lost?: number;
  readonly duplicated?: number;
  readonly outOfOrder?: number;
  readonly misdelivered?: number;
  readonly deliveries?: number;
  readonly megabytes?: number;
  readonly latency: Latency;
  /** Deliveries that stand for others in the latency. */
  readonly sampled?: number;
  /** From the intended time to the answer of the request. */
  readonly answer?: Latency;
  /** From the beginning of a connection until it is ready. */
  readonly connect?: Latency;
  readonly limit: Limit;
  /** Share of their time that threads of this program were at work: each that receives, and the one that sends. */
  readonly receiverLoad?: readonly number[];
  readonly senderLoad?: number;
  /** How late the sender was at worst. */
  readonly senderLateMs?: number;
}

export interface MessageParts {
  readonly scenario: 'fanout' | 'group' | 'unicast';
  readonly flags: MessageFlags;
  readonly crowd: OpenCrowd;
  readonly counts: Counts;
  readonly figures: MessageFigures;
  readonly outsiders: number;
}

export function messageResult({ scenario, flags, crowd, counts, figures, outsiders }: MessageParts): BenchResult {
  const { sending, seconds } = figures;
  const perSecond = (count: number) => round(count / Math.max(seconds, 0.001), 1);
  return {
    scenario,
    ...crowdFields(flags, counts, figures.closes),
    ...(scenario === 'group' && { groups: Math.min(flags.groups ?? 10, flags.clients), outsiders }),
    size: flags.size,
    ...sendingFields(flags, sending),
    rate: perSecond(takenOf(sending)),
    seconds: round(seconds, 3),
    expected: figures.expected,
    received: figures.received,
    lost: figures.lost,
    duplicated: figures.duplicated,
    outOfOrder: figures.outOfOrder,
    misdelivered: figures.misdelivered,
    deliveries: perSecond(figures.received),
    megabytes: perSecond(figures.bytes / 1e6),
    latency: latencyOf(figures.latencies),
    ...(figures.sampled > 0 && { sampled: figures.sampled }),
    answer: latencyOf(sending.answers),
    connect: latencyOf(crowd.receivers.connectTimes()),
    limit: figures.limit,
    receiverLoad: figures.loads.map(({ utilization }) => round(utilization, 3)),
    ...senderFields(sending),
  };
}

export interface ConnectParts {
  readonly flags: ClientFlags;
  readonly crowd: OpenCrowd;
  readonly counts: Counts;
  readonly closes: ReadonlyMap<number, number>;
  readonly loads: readonly number[];
}

export function connectResult({ flags, crowd, counts, closes, loads }: ConnectParts): BenchResult {
  const seconds = Math.max(0, counts.readyMs - counts.startMs) / 1000;
  const rate = counts.ready / Math.max(seconds, 0.001);
  const { failures } = crowd.opened;
  return {
    scenario: 'connect',
    ...crowdFields(flags, counts, closes),
    ...(flags.rate !== undefined && { wantedRate: flags.rate }),
    rate: round(rate, 1),
    seconds: round(seconds, 3),
    latency: latencyOf(crowd.receivers.connectTimes()),
    limit: limitOf({
      receivers: Math.max(0, ...loads),
      sender: undefined,
      wanted: flags.rate,
      reached: rate,
      isGone: areGone(closes, counts.ready) || [...failures.keys()].some(isGoneReason),
      hasRefused: [...failures.keys()].some((reason) => !isGoneReason(reason) && !/in time$/.test(reason)),
      isShort: counts.failed + counts.closed > 0,
    }),
    receiverLoad: loads.map((load) => round(load, 3)),
  };
}

export function apiResult(flags: ApiFlags, sending: SendingFigures): BenchResult {
  const seconds = (sending.endMs - sending.startMs) / 1000;
  const rate = takenOf(sending) / Math.max(seconds, 0.001);
  const { utilization: sender } = sending;
  const reached = takenOf(sending) / Math.max(seconds, flags.duration / 1000);
  const signs = { isGone: sending.broken > 0, hasRefused: sending.refused > 0, isShort: sending.unanswered > 0 };
  return {
    scenario: 'api',
    ...sendingFields(flags, sending),
    rate: round(rate, 1),
    seconds: round(seconds, 3),
    latency: latencyOf(sending.answers),
    limit: limitOf({ receivers: 0, sender, wanted: flags.rate, reached, ...signs }),
    ...senderFields(sending),
  };
}

function crowdFields(flags: ClientFlags, counts: Counts, closes: ReadonlyMap<number, number>) {
  return {
    dialect: flags.dialect,
    clients: flags.clients,
    connected: counts.ready,
    failed: counts.failed,
    closed: counts.closed,
    ...(closes.size > 0 && { closeCodes: Object.fromEntries(closes) }),
    turnedAway: counts.refused,
  };
}

function sendingFields(flags: MessageFlags | ApiFlags, sending: SendingFigures) {
  return {
    batch: flags.batch,
    inFlight: flags.inFlight,
    ...(flags.rate !== undefined && { wantedRate: flags.rate }),
    requests: sending.requests,
    sent: sending.messages,
    refused: sending.refused,
    unanswered: sending.unanswered,
    unsent: sending.unsent,
  };
}

function senderFields({ utilization, lateMs }: SendingFigures) {
  return { ...(utilization !== undefined && { senderLoad: round(utilization, 3) }), senderLateMs: round(lateMs, 3) };
}

export function latencyOf(histogram: Histogram): Latency {
  const ms = (micros: number) => round(micros / 1000, 3);
  const at = (percent: number) => ms(histogram.percentile(percent));
  return { p50: at(50), p90: at(90), p99: at(99), 'p99.9': at(99.9), max: ms(histogram.max), mean: ms(histogram.mean) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
