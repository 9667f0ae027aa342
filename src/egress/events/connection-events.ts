import type { EventSubject } from '../../api/event.ts';
import type { SinkFigures } from '../../api/stats.ts';
import type { Events } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { within } from '../../util/within.ts';
import type { Sink, SinkRecord } from '../sink.ts';
import type { ConnectionEvent, ConnectionEventType } from './connection-event.ts';
import { createFilter, describe, type Told, type Without } from './describe.ts';
import type { Gap } from './event-queue.ts';
import { EventSender } from './event-sender.ts';
import { NodeDeaths } from './node-deaths.ts';
import { Numbering } from './numbering.ts';
import type { Sequences } from './sequences.ts';

export interface EventSink {
  /** In statistics and log. */
  readonly name: string;
  /** Closed with the connection events. */
  readonly sink: Sink;
  /** Absent: all. Those of nodes and `gap` are always told. */
  readonly types?: readonly ConnectionEventType[] | undefined;
  /** Absent: all. */
  readonly systems?: readonly string[] | undefined;
}

export interface ConnectionEventsOptions {
  readonly sinks: readonly EventSink[];
  readonly events: Pick<Events, 'subscribe'>;
  readonly sequences: Sequences;
  /** The id of this node. */
  readonly node: string;
  /** Tells this start of the node from earlier ones, and is greater than theirs. */
  readonly incarnation: number;
  /** Ids of the nodes that are alive now, this one included. Absent: it has no others. */
  readonly members?: () => readonly string[];
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Of each sink, what may wait; beyond it the oldest goes. Default 32 MiB, and an event for each 256 bytes of it. */
  readonly maxBytes?: number;
  readonly maxEvents?: number;
}

/** Tells backends who is connected. Says `node_up` when it is made. */
export interface ConnectionEvents {
  figures(): readonly SinkFigures[];
  /**
   * The others took this node for dead: it tells `node_up` with the new incarnation, and then, of all that is connected, what was told before (`standingSubjects`
   * of routing).
   */
  reenter(incarnation: number, standing: Iterable<EventSubject>): void;
  /** Resolves once all that waits was taken, or after so long; then says in the log what was not. */
  flush(deadlineMs: number): Promise<void>;
  /** Sends no more. */
  close(): Promise<void>;
}

const maxBatch = 500;
const numberedAtOnce = 5000;
const maxBatchBytes = 256 * 1024;

export function createConnectionEvents(options: ConnectionEventsOptions): ConnectionEvents {
  const { node, sequences, log, members = () => [node] } = options;
  const { maxBytes = 32 * 1024 * 1024, maxEvents = Math.ceil(maxBytes / 256) } = options;
  let { incarnation } = options;
  let count = 0;
  const envelope = () => {
    count += 1;
    return { id: `${node}-${incarnation}-${count}`, node, incarnation, time: Date.now() };
  };
  const ways = options.sinks.map(({ name, sink, types, systems }) => {
    const gap = (dropped: Gap): SinkRecord =>
      recordOf({ type: 'gap', ...envelope(), sequence: dropped.to, ...dropped }, node);
    const sender = new EventSender({ name, sink, log, maxEvents, maxBytes, maxBatch, maxBatchBytes, gap });
    return { sender, isWanted: createFilter(types, systems) };
  });
  const senders = ways.map(({ sender }) => sender);

  const numbering = new Numbering<Unnumbered>(sequences, numberedAtOnce, ({ event, key, to, mustStay }, sequence) => {
    const record = recordOf({ ...event, sequence }, key);
    for (const sender of to) sender.push({ record, sequence, mustStay });
  });
  const tellNode = (event: OfNode) =>
    numbering.add({ event: { ...event, ...envelope() }, key: node, to: senders, mustStay: true });
  const tell = (event: Told, time: number, again = false) => {
    const to = ways.flatMap(({ sender, isWanted }) => (isWanted(event) ? [sender] : []));
    if (to.length === 0) return;
    const { type, ...rest } = event;
    const whole = { type, ...envelope(), time, ...rest, ...(again && { again }) } as Unnumbered['event'];
    numbering.add({ event: whole, key: event.uid ?? event.cid, to, mustStay: false });
  };
  const deaths = new NodeDeaths({
    self: node,
    members,
    tell: ({ peer, incarnation, cause }) => tellNode({ type: 'node_down', peer, peerIncarnation: incarnation, cause }),
  });

  tellNode({ type: 'node_up' });
  const unsubscribe = options.events.subscribe((event) => {
    deaths.hear(event);
    const told = describe(event);
    if (told !== undefined) tell(told, event.time);
  });
  const whenSent = async () => {
    await numbering.whenDone;
    await Promise.all(senders.map(({ whenSent }) => whenSent));
  };
  return {
    figures: () => senders.map((sender) => sender.figures()),
    reenter(next, standing) {
      incarnation = next;
      tellNode({ type: 'node_up' });
      const time = Date.now();
      for (const subject of standing) {
        const told = describe({ ...subject, sequence: 0, time, node });
        if (told !== undefined) tell(told, time, true);
      }
    },
    async flush(deadlineMs) {
      const impatient = setInterval(() => {
        for (const sender of senders) sender.hurry();
      }, 100);
      await within(deadlineMs, whenSent()).catch(() => {});
      clearInterval(impatient);
      for (const { name, waiting, failure } of senders.map((sender) => sender.figures())) {
        if (waiting > 0)
          log.warn({ sink: name, waiting, failure }, 'connection events that the sink did not take in time');
      }
    },
    async close() {
      unsubscribe();
      await Promise.all(senders.map((sender) => sender.close()));
    },
  };
}

type OfNode = Without<Extract<ConnectionEvent, { readonly type: 'node_up' | 'node_down' }>, keyof Envelope>;
type Envelope = Pick<ConnectionEvent, 'id' | 'node' | 'incarnation' | 'time' | 'sequence'>;

interface Unnumbered {
  readonly event: Without<ConnectionEvent, 'sequence'>;
  readonly key: string;
  readonly to: readonly EventSender[];
  readonly mustStay: boolean;
}

function recordOf(
  event: ConnectionEvent | (Unnumbered['event'] & { readonly sequence: number }),
  key: string,
): SinkRecord {
  return { key, body: JSON.stringify(event), id: event.id };
}
