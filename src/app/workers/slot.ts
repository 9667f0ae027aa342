import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcNode } from '../../bus/rpc/members.ts';
import type { Config } from '../../config/schema.ts';
import type { Logger } from '../../telemetry/log.ts';
import { backOffMs } from '../../util/back-off.ts';
import { StartError } from '../../util/start-error.ts';
import type { SupervisorCalls, WorkerCalls, WorkerFacts } from './calls.ts';
import { type CallHandlers, type Channel, ChannelClosed, ChannelLate, createChannel } from './channel.ts';
import { onLines } from './lines.ts';
import { logDescriptor } from './log-descriptor.ts';
import { processPort } from './process-port.ts';

export type WorkerChannel = Channel<WorkerCalls>;

export interface SlotOptions {
  readonly nodeId: string;
  readonly log: Logger;
  /** Starts a process with a channel, its log at `logDescriptor`. */
  readonly spawn: () => ChildProcess;
  /** A line of a worker's log. */
  readonly onLogLine: (line: string) => void;
  readonly handlers: (slot: Slot) => CallHandlers<SupervisorCalls>;
  /** The process is there, and is to be told what it begins with. */
  readonly begin: (slot: Slot, channel: WorkerChannel) => Promise<void>;
  readonly onServing: (slot: Slot) => void;
  /** Also of one that never served. */
  readonly onGone: (slot: Slot) => void;
}

const again = { firstMs: 200, mostMs: 10_000 };
/** Who served so long is no longer held to have failed before. */
const soundMs = 30_000;
/** A worker that does not answer a ping so long stands still. */
const silentMs = 1000;
/** Who answered so lately is not asked first whether it answers. */
const freshMs = 100;
/** Of what a worker says on its standard error. */
const maxLastWords = 2000;

/** The place of one worker, in which one process follows the other until it is stopped. */
export class Slot {
  readonly nodeId: string;
  readonly #options: SlotOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #servingSince = 0;
  #isStopping = false;
  #heardAt = Number.NEGATIVE_INFINITY;
  /** The process is there and stands still: passed over until it answers. */
  isSilent = false;
  /** An operator has drained the process that is there. */
  isDrained = false;
  /** Of the process that is there. */
  channel: WorkerChannel | undefined;
  facts: WorkerFacts | undefined;
  rpc: RpcNode | undefined;
  lease = 0;
  /** That a reload has put in force here; undefined before the first. */
  config: Config | undefined;
  /** Starts in a row that came to nothing or not for long. */
  failures = 0;
  restarts = 0;
  /** Why the last process ended. */
  reason: StartError | undefined;
  /** It said itself what the operator has to do. */
  isMendable = false;
  /** What the last process ended with after a stop; undefined as long as it is there. */
  ended: string | undefined;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.nodeId = options.nodeId;
  }

  get isServing(): boolean {
    return this.facts !== undefined;
  }

  get isThere(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    const { log, spawn, onLogLine, handlers, begin, nodeId } = this.#options;
    const child = spawn();
    this.#child = child;
    this.reason = undefined;
    this.isMendable = false;
    let lastWords = '';
    const channel: WorkerChannel = createChannel<SupervisorCalls, WorkerCalls>(
      processPort(child),
      handlers(this),
      (error, call) => log.error({ err: error, worker: nodeId, call }, 'what a worker told could not be taken'),
    );
    this.channel = channel;
    onLines(child.stdio[logDescriptor] as Readable, onLogLine);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      onLines(stream, (line) => {
        lastWords = `${lastWords}${line}\n`.slice(-maxLastWords);
        log.error({ worker: nodeId, said: line }, 'a worker wrote to its standard error');
      });
    }
    child.on('error', (error) => this.#over(child, error.message, lastWords));
    // After its last words.
    child.on('close', (code, signal) =>
      this.#over(child, code === null ? `signal ${signal}` : `exit ${code}`, lastWords),
    );
    begin(this, channel).catch((error: unknown) =>
      log.error({ err: error, worker: nodeId }, 'a worker could not begin'),
    );
  }

  serves(facts: WorkerFacts): void {
    this.facts = facts;
    this.#servingSince = performance.now();
    this.#options.onServing(this);
  }

  /**
   * As the channel's `ask`. Rejects with `ChannelClosed` where nobody is there, and with `ChannelLate` as soon as the process is
   * found to stand still: what was sent, of which `onSent` is told, it may still do when it goes on.
   */
  async ask<K extends keyof WorkerCalls>(
    name: K,
    request: WorkerCalls[K]['request'],
    onSent: () => void = () => {},
  ): Promise<WorkerCalls[K]['answer']> {
    const { channel } = this;
    if (channel === undefined) throw new ChannelClosed('the process has gone');
    if (performance.now() - this.#heardAt > freshMs) await this.#ping(channel);
    onSent();
    const answer = channel.ask(name, request);
    const silence = new AbortController();
    try {
      return await Promise.race([answer, this.#untilSilent(channel, silence.signal)]);
    } finally {
      silence.abort();
    }
  }

  /** Rejects with `ChannelLate` when the process stands still, or with `ChannelClosed`. */
  async #untilSilent(channel: WorkerChannel, signal: AbortSignal): Promise<never> {
    for (;;) {
      await sleep(silentMs, undefined, { signal });
      await this.#ping(channel);
    }
  }

  async #ping(channel: WorkerChannel): Promise<void> {
    if (this.isSilent) throw new ChannelLate(`the worker ${this.nodeId} does not answer`);
    const pong = channel.ask('ping', undefined).then(() => {
      this.#heardAt = performance.now();
      if (this.channel === channel && this.isSilent) this.#setSilent(false);
    });
    const late = new AbortController();
    const isLate = sleep(silentMs, true, { signal: late.signal });
    try {
      if (!(await Promise.race([pong, isLate]))) return;
    } finally {
      late.abort();
      isLate.catch(() => {});
      pong.catch(() => {});
    }
    if (this.channel === channel && !this.isSilent) this.#setSilent(true);
    throw new ChannelLate(`the worker ${this.nodeId} does not answer`);
  }

  #setSilent(isSilent: boolean): void {
    this.isSilent = isSilent;
    const { log, nodeId } = this.#options;
    if (isSilent) log.warn({ worker: nodeId, pid: this.#child?.pid }, 'a worker does not answer: it is passed over');
    else log.info({ worker: nodeId }, 'a worker answers again');
  }

  /** What kept it from serving, in its own words. */
  failed(error: StartError): void {
    this.reason = error;
    this.isMendable = true;
  }

  /** Nobody comes after the process that is there. */
  expectEnd(): void {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    if (this.#child === undefined) this.ended ??= '';
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #over(child: ChildProcess, how: string, lastWords: string): void {
    if (this.#child !== child) return;
    const { log, onGone, nodeId } = this.#options;
    const served = this.isServing ? performance.now() - this.#servingSince : 0;
    this.#child = undefined;
    this.facts = undefined;
    this.isSilent = false;
    this.isDrained = false;
    this.#heardAt = Number.NEGATIVE_INFINITY;
    this.rpc = undefined;
    this.channel?.close();
    this.channel = undefined;
    this.reason ??= new StartError(
      `the worker ${nodeId} ended (${how})${lastWords === '' ? '' : `: ${lastWords.trim()}`}`,
      {
        hint: 'look at the log above',
      },
    );
    this.failures = served > soundMs ? 1 : this.failures + 1;
    if (this.#isStopping) {
      this.ended = how;
      onGone(this);
      return;
    }
    const delayMs = Math.round(backOffMs(this.failures - 1, again));
    log.error({ worker: nodeId, how, againInMs: delayMs, pid: child.pid }, 'a worker has ended');
    this.#timer = setTimeout(() => {
      this.restarts += 1;
      this.start();
    }, delayMs);
    onGone(this);
  }
}
