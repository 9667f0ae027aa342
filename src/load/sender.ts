import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { Histogram } from './histogram.ts';
import { type HttpAnswer, type HttpEndpoint, HttpLane } from './http-lane.ts';
import { type Mark, markText } from './marker.ts';
import { Pacer } from './pacer.ts';
import { StreamCounter, type StreamPlan, streamOf } from './streams.ts';

/** One message to be sent: to whom, and the text that has to be in it. */
export interface Outgoing {
  readonly target: number;
  readonly mark: string;
}

export interface SenderOptions {
  readonly endpoint: HttpEndpoint;
  readonly streams: StreamPlan;
  /** Messages that go at once: in one request, or in requests written together. */
  readonly batch: number;
  readonly magic: string;
  readonly epochMs: number;
  readonly clock: Clock;
  /** Whole HTTP/1.1 requests in Latin-1, and how many of them: one for all messages, or one for each. */
  readonly requestFor: (messages: readonly Outgoing[]) => { readonly text: string; readonly requests: number };
  /** Whether the server has taken what was in the request. */
  readonly isTaken: (answer: HttpAnswer) => boolean;
  readonly timeoutMs: number;
}

export interface SendingOptions {
  readonly durationMs: number;
  /** Messages a second; absent: each lane sends its next as soon as the last is answered. */
  readonly perSecond?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SendingFigures {
  /** Messages that were written to the server, and those among them it refused or never answered. */
  readonly messages: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly requests: number;
  /** Connections that ended with requests unanswered. */
  readonly broken: number;
  /** Messages that were due and could not be sent, because all answers were late. */
  readonly unsent: number;
  readonly startMs: number;
  /** When the last answer came; where some never did, not before the sending ended. */
  readonly endMs: number;
  /** From the intended time to the answer, microseconds. */
  readonly answers: Histogram;
  /** How late this program itself was at worst. */
  readonly lateMs: number;
  /** Share of the time its event loop was at work; undefined where it waits turn by turn. */
  readonly utilization: number | undefined;
  /** The first refusal or broken connection in the server's words. */
  readonly trouble: string | undefined;
}

interface Pending {
  readonly marks: readonly Mark[];
  readonly intendedMs: number;
}

/** Requests under way on one connection: yunque's nodes end one that has more than 64. */
const mostPipelined = 50;

interface Lane {
  readonly http: HttpLane;
  turn: number;
  /** By request that is not answered yet. */
  pending: Pending[];
  /** Of a batch: what goes as soon as all of that has been answered. */
  rest: readonly Mark[];
  intendedMs: number;
}

/** Sends marked messages over kept connections, in order within each stream. Sequences go on from one `send` to the next. */
export class Sender {
  readonly streams: StreamCounter;
  readonly #options: SenderOptions;
  readonly #lanes: Lane[];
  #run: Run | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.streams = new StreamCounter(options.streams);
    this.#lanes = Array.from({ length: options.streams.lanes }, (_, at) => ({
      http: new HttpLane(options.endpoint, {
        onAnswer: (answer) => this.#onAnswer(at, answer),
        onIdle: () => this.#onIdle(at),
        onBroken: (_count, reason) => this.#onBroken(at, reason),
      }),
      turn: 0,
      pending: [],
      rest: [],
      intendedMs: 0,
    }));
  }

  /** For so long; then waits for the answers. One at a time. */
  async send({ durationMs, perSecond, signal }: SendingOptions): Promise<SendingFigures> {
    const { clock, batch, streams } = this.#options;
    const startMs = clock();
    const loopBefore = performance.eventLoopUtilization();
    const run = new Run(startMs);
    this.#run = run;
    const pacer =
      perSecond === undefined
        ? undefined
        : new Pacer({
            clock,
            startMs,
            perSecond: perSecond / batch,
            lanes: streams.lanes,
            send: (lane, intendedMs) => this.#sendNext(run, lane, intendedMs),
          });
    run.onFree = (lane) => {
      if (pacer !== undefined) pacer.free(lane);
      else if (!run.isOver) this.#sendNext(run, lane, clock());
    };
    pacer?.start();
    if (pacer === undefined) for (const lane of this.#lanes.keys()) run.onFree(lane);
    await delay(durationMs, undefined, signal && { signal }).catch(() => {});
    const stoppedMs = clock();
    const scheduled = pacer?.scheduled ?? 0;
    pacer?.stop();
    run.isOver = true;
    const { utilization } = performance.eventLoopUtilization(loopBefore);
    await this.#answered(signal);
    for (const at of this.#lanes.keys()) this.#giveUp(at);
    this.#run = undefined;
    return {
      ...run.figures,
      unsent: pacer === undefined ? 0 : Math.max(0, scheduled * batch - run.figures.messages),
      startMs,
      endMs: run.figures.unanswered > 0 ? Math.max(run.endMs, stoppedMs) : run.endMs,
      answers: run.answers,
      lateMs: pacer?.worstLateMs ?? 0,
      utilization: pacer?.isSpinning === true ? undefined : utilization,
      trouble: run.trouble,
    };
  }

  close(): void {
    for (const { http } of this.#lanes) http.close();
  }

  /** Of the run that is under way. */
  get messages(): number {
    return this.#run?.figures.messages ?? 0;
  }

  async #answered(signal: AbortSignal | undefined): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    const deadline = clock() + (signal?.aborted === true ? Math.min(timeoutMs, 1000) : timeoutMs);
    while (clock() < deadline && this.#lanes.some(({ http, rest }) => http.waiting + rest.length > 0)) await delay(2);
  }

  #sendNext(run: Run, at: number, intendedMs: number): void {
    const lane = this.#lanes[at];
    if (lane === undefined) return;
    const { batch, streams, epochMs } = this.#options;
    const timeMicros = Math.max(0, Math.round((intendedMs - epochMs) * 1000));
    const marks = Array.from({ length: batch }, (): Mark => {
      const stream = streamOf(streams, at, lane.turn++);
      return { ...stream, sequence: this.streams.next(stream.target, stream.lane), timeMicros };
    });
    run.figures.messages += batch;
    lane.intendedMs = intendedMs;
    this.#write(run, lane, marks);
  }

  /** All at once where it is one request, else as many as may be under way. */
  #write(run: Run, lane: Lane, marks: readonly Mark[]): void {
    const { magic, requestFor } = this.#options;
    const outgoing = marks.map((mark) => ({ target: mark.target, mark: markText(magic, mark) }));
    let { text, requests } = requestFor(outgoing);
    let written = marks;
    if (requests > mostPipelined) {
      written = marks.slice(0, mostPipelined);
      ({ text, requests } = requestFor(outgoing.slice(0, mostPipelined)));
    }
    lane.rest = marks.slice(written.length);
    for (let request = 0; request < requests; request++) {
      const of = requests === 1 ? written : written.slice(request, request + 1);
      lane.pending.push({ marks: of, intendedMs: lane.intendedMs });
    }
    run.figures.requests += requests;
    lane.http.send(text, requests);
  }

  #onIdle(at: number): void {
    const [lane, run] = [this.#lanes[at], this.#run];
    if (lane === undefined || run === undefined) return;
    if (lane.rest.length > 0) this.#write(run, lane, lane.rest);
    else run.onFree(at);
  }

  #onAnswer(at: number, answer: HttpAnswer): void {
    const { clock, isTaken } = this.#options;
    const pending = this.#lanes[at]?.pending.shift();
    const run = this.#run;
    if (pending === undefined || run === undefined) return;
    run.endMs = clock();
    run.answers.record((run.endMs - pending.intendedMs) * 1000);
    if (isTaken(answer)) return;
    run.figures.refused += pending.marks.length;
    run.trouble ??= `${answer.status} ${answer.body.slice(0, 200)}`.trim();
    for (const { target, lane, sequence } of pending.marks) this.streams.doubt(target, lane, sequence);
  }

  #onBroken(at: number, reason: string): void {
    const run = this.#run;
    if (run === undefined) return;
    run.trouble ??= reason;
    run.figures.broken++;
    this.#giveUp(at);
    // A server that takes no connections is asked a hundred times a second, not as fast as it can say no.
    setTimeout(() => this.#run === run && run.onFree(at), 10);
  }

  #giveUp(at: number): void {
    const lane = this.#lanes[at];
    if (lane === undefined || lane.pending.length + lane.rest.length === 0) return;
    for (const { marks } of [...lane.pending, { marks: lane.rest }]) {
      if (this.#run !== undefined) this.#run.figures.unanswered += marks.length;
      for (const { target, lane: streamLane, sequence } of marks) this.streams.doubt(target, streamLane, sequence);
    }
    lane.pending = [];
    lane.rest = [];
    lane.http.close();
  }
}

class Run {
  readonly figures = { messages: 0, requests: 0, refused: 0, unanswered: 0, broken: 0 };
  readonly answers = new Histogram();
  onFree: (lane: number) => void = () => {};
  isOver = false;
  endMs: number;
  trouble: string | undefined;

  constructor(startMs: number) {
    this.endMs = startMs;
  }
}
