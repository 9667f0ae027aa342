import type { Execute } from '../../api/command.ts';
import type { SinkFigures } from '../../api/stats.ts';
import { type Awaitable, after } from '../../util/awaitable.ts';
import type { Hook, HookAnswer } from '../hook.ts';
import type { Sink } from '../sink.ts';
import { answerChat, chatKeys } from './chat.ts';
import { readHookAnswer } from './hook-answer.ts';
import { compileKeyPattern, type KeyPattern } from './key-pattern.ts';
import { type Answer, answers, type UplinkRequest } from './request.ts';
import { requestBody } from './request-body.ts';
import { SinkQueue } from './sink-queue.ts';
import { Turns } from './turns.ts';

interface RouteKeys {
  /** For logs, statistics and metrics. */
  readonly name: string;
  readonly keys: readonly string[];
  /** Absent: all. */
  readonly systems?: readonly string[] | undefined;
}

/** Where requests of some keys go. The first one that takes a key of a system is its route. */
export type UplinkRoute = RouteKeys & ({ readonly hook: Hook } | { readonly sink: Sink });

export interface UplinkOptions {
  readonly routes: readonly UplinkRoute[];
  /** Requests a second of one connection in the long run, and twice as many at once after a silence; 0: any number. */
  readonly rate: number;
  /** For an answer of a sink; a hook has its own. */
  readonly timeoutMs: number;
  /** Whether the key `chat` is answered here, and `chat_room`. */
  readonly chat: boolean;
  readonly chatRoom: boolean;
  readonly execute: Execute;
  readonly newMessageId: () => string;
  /** Each request, by the name of its route (`chat`, `chat_room` and `none` are such names too). */
  readonly onAnswered: (route: string, code: string) => void;
  /** What the operator should know of; at most once in 10 s for each route. */
  readonly onFault: (route: string, reason: string) => void;
  /** Requests that may wait for their answers: 16 of a connection, 10,000 of all, of 64 MiB together, unless said. */
  readonly waitingEach?: number;
  readonly waiting?: number;
  readonly waitingBytes?: number;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

/** Where the requests of clients go. */
export interface Uplink {
  /** At once where nobody is asked. Never rejects. */
  ask(request: UplinkRequest): Awaitable<Answer>;
  figures(): SinkFigures[];
  /** From now on every request is refused. Resolves when those under way are answered, or after `atMostMs`, or when the signal aborts. */
  drain(atMostMs: number, signal?: AbortSignal): Promise<void>;
  /** Closes its hooks and sinks; what is under way is answered. */
  close(): Promise<void>;
}

interface Route {
  readonly name: string;
  readonly takes: readonly KeyPattern[];
  readonly systems: ReadonlySet<string> | undefined;
  ask(request: UplinkRequest, id: string, body: string): Promise<Answer>;
  figures(): SinkFigures;
  close(): Promise<void>;
}

const faultPauseMs = 10_000;
const noRoute = 'none';

export function createUplink(options: UplinkOptions): Uplink {
  const { now = () => performance.now() } = options;
  const turns = new Turns({
    rate: options.rate,
    burst: 2 * options.rate,
    waitingEach: options.waitingEach ?? 16,
    waiting: options.waiting ?? 10_000,
    waitingBytes: options.waitingBytes ?? 64 * 1024 * 1024,
    now,
  });
  const toldAt = new Map<string, number>();
  const onFault = (route: string, reason: string): void => {
    const last = toldAt.get(route);
    if (last !== undefined && now() - last < faultPauseMs) return;
    toldAt.set(route, now());
    options.onFault(route, reason);
  };
  const routes = options.routes.map((route) => ('hook' in route ? hookRoute(route) : sinkRoute(route)));
  const builtIn: ReadonlySet<string> = new Set([
    ...(options.chat ? [chatKeys.user] : []),
    ...(options.chatRoom ? [chatKeys.room] : []),
  ]);
  let isLeaving = false;

  function hookRoute(route: RouteKeys & { readonly hook: Hook }): Route {
    const { name, hook } = route;
    return {
      ...compiled(route),
      ask: async (_request, id, body) => answerOf(await hook.ask(id, body), (reason) => onFault(name, reason)),
      figures() {
        const { answered, failed, refused, waiting } = hook.figures;
        const { state, failure } = hook.status;
        const counts = { sent: answered, failed, dropped: refused, waiting };
        return { name, use: 'uplink', kind: 'http', state, ...(failure !== undefined && { failure }), ...counts };
      },
      close: () => hook.close(),
    };
  }

  function sinkRoute(route: RouteKeys & { readonly sink: Sink }): Route {
    const { name, sink } = route;
    const { timeoutMs } = options;
    const queue = new SinkQueue({ sink, timeoutMs, onFault: (reason) => onFault(name, reason), now });
    return {
      ...compiled(route),
      ask: ({ from }, id, body) => queue.ask({ key: from.identity?.uid ?? String(from.cid), body, id }),
      figures() {
        const { state, failure } = sink.status;
        const counts = { ...queue.figures, waiting: queue.waiting };
        return { name, use: 'uplink', kind: sink.kind, state, ...(failure !== undefined && { failure }), ...counts };
      },
      async close() {
        queue.close();
        await sink.close();
      },
    };
  }

  function routeFor({ key, from }: UplinkRequest): Route | undefined {
    return routes.find(
      ({ takes, systems }) => systems?.has(from.system) !== false && takes.some((matches) => matches(key)),
    );
  }

  /** What is under way counts until it is answered. */
  async function inTurn(request: UplinkRequest, bytes: number, work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } finally {
      turns.leave(request.from, bytes);
    }
  }

  function answer(request: UplinkRequest, route: Route | undefined): Awaitable<Answer> {
    const { key, from } = request;
    if (isLeaving) return answers.goingAway;
    const refusal = turns.judge(from);
    if (refusal !== undefined) return refusal;
    if (builtIn.has(key)) {
      const chat = { ...options, now: Date.now, onFault: (reason: string) => onFault(key, reason) };
      return turns.enter(from, 0) ?? inTurn(request, 0, () => answerChat(key, request, chat));
    }
    if (route === undefined) return answers.noRoute;
    const id = options.newMessageId();
    const body = requestBody(request, id, Date.now());
    return turns.enter(from, body.length) ?? inTurn(request, body.length, () => route.ask(request, id, body));
  }

  return {
    ask(request) {
      const route = builtIn.has(request.key) ? undefined : routeFor(request);
      const name = builtIn.has(request.key) ? request.key : (route?.name ?? noRoute);
      return after(answer(request, route), (answered) => {
        options.onAnswered(name, answered.code);
        return answered;
      });
    },
    figures: () => routes.map((route) => route.figures()),
    async drain(atMostMs, signal) {
      isLeaving = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, atMostMs);
      const onAbort = () => resolve();
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted !== true) await Promise.race([turns.whenIdle(), promise]);
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
    async close() {
      isLeaving = true;
      await Promise.all(routes.map((route) => route.close()));
    },
  };
}

function compiled({ name, keys, systems }: RouteKeys): Pick<Route, 'name' | 'takes' | 'systems'> {
  return { name, takes: keys.map(compileKeyPattern), systems: systems && new Set(systems) };
}

function answerOf(said: HookAnswer, onFault: (reason: string) => void): Answer {
  switch (said.is) {
    case 'answer': {
      const answer = readHookAnswer(said.status, said.text);
      if (answer === undefined) onFault(`it answered ${said.status} with what is no answer of a hook (docs/uplink.md)`);
      return answer ?? answers.unusable;
    }
    case 'broken':
      onFault(said.reason);
      return answers.unusable;
    case 'late':
      onFault(said.reason);
      return answers.late;
    case 'busy':
      return answers.busy;
    case 'down':
      onFault(said.reason);
      return answers.down;
    case 'open':
      return answers.down;
    case 'closed':
      return answers.goingAway;
    default:
      return said satisfies never;
  }
}
