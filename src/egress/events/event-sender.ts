import { setTimeout as pause } from 'node:timers/promises';
import type { SinkFigures } from '../../api/stats.ts';
import type { Logger } from '../../telemetry/log.ts';
import { backOffMs } from '../../util/back-off.ts';
import type { Sink, SinkRecord } from '../sink.ts';
import { EventQueue, type EventQueueOptions, type QueuedEvent } from './event-queue.ts';

export interface EventSenderOptions extends EventQueueOptions {
  readonly name: string;
  readonly sink: Sink;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const pauses = { firstMs: 100, mostMs: 5000 };

/** Gives one sink what waits for it, one batch after the other: the same again, after growing pauses, until it is taken. */
export class EventSender {
  readonly #options: EventSenderOptions;
  readonly #queue: EventQueue;
  readonly #ending = new AbortController();
  /** Ends the pause of now: the sink works again, or what waits has to go. */
  #hurry = new AbortController();
  #underWay: readonly SinkRecord[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #failingSince: number | undefined;
  #sent = 0;
  #failed = 0;
  #lost = 0;

  constructor(options: EventSenderOptions) {
    this.#options = options;
    this.#queue = new EventQueue(options);
    const { sink } = options;
    sink.onState(() => {
      if (sink.status.state === 'ready') this.#hurry.abort();
    });
  }

  get waiting(): number {
    return this.#queue.size + this.#underWay.length;
  }

  /** Resolves once nothing waits. */
  get whenSent(): Promise<void> {
    return this.#running;
  }

  figures(): SinkFigures {
    const { name, sink } = this.#options;
    const { state, failure } = sink.status;
    return {
      name,
      use: 'events',
      kind: sink.kind,
      state,
      ...(failure !== undefined && { failure }),
      sent: this.#sent,
      failed: this.#failed,
      dropped: this.#queue.dropped + this.#lost,
      waiting: this.waiting,
    };
  }

  push(event: QueuedEvent): void {
    if (this.#ending.signal.aborted) return;
    this.#queue.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  /** Waits for no pause any more. */
  hurry(): void {
    this.#hurry.abort();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#hurry.abort();
    await this.#options.sink.close();
    await this.#running;
    this.#lost += this.waiting;
    this.#underWay = [];
  }

  async #run(): Promise<void> {
    // What comes in one turn of the loop goes in one batch.
    await pause(0);
    while (this.#queue.size > 0 && !this.#ending.signal.aborted) {
      this.#underWay = this.#queue.take();
      await this.#deliver(this.#underWay);
    }
    this.#isRunning = false;
  }

  async #deliver(batch: readonly SinkRecord[]): Promise<void> {
    for (let tries = 0; !this.#ending.signal.aborted; tries += 1) {
      this.#hurry = new AbortController();
      try {
        await this.#options.sink.send(batch);
        this.#underWay = [];
        this.#sent += batch.length;
        this.#tellTaken();
        return;
      } catch (error) {
        this.#failed += 1;
        this.#tellFailed(error as Error);
      }
      const ms = backOffMs(Math.min(tries, 16), pauses);
      await pause(ms, undefined, { signal: this.#hurry.signal }).catch(() => {});
    }
  }

  #tellFailed({ message }: Error): void {
    if (this.#failingSince !== undefined || this.#ending.signal.aborted) return;
    this.#failingSince = performance.now();
    const { log, name } = this.#options;
    log.warn({ sink: name, failure: message }, 'connection events wait: the sink does not take them');
  }

  #tellTaken(): void {
    if (this.#failingSince === undefined) return;
    const seconds = Math.round((performance.now() - this.#failingSince) / 1000);
    this.#failingSince = undefined;
    const { log, name } = this.#options;
    log.info({ sink: name, seconds, dropped: this.#queue.dropped }, 'the sink takes connection events again');
  }
}
