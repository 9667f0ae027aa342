import type { Execute, PushCommand } from '../../../../src/api/command.ts';
import type { Receipt } from '../../../../src/api/receipt.ts';
import type { Hook, HookAnswer } from '../../../../src/egress/hook.ts';
import type { Sink, SinkRecord } from '../../../../src/egress/sink.ts';
import type { Asker, UplinkRequest } from '../../../../src/egress/uplink/request.ts';
import { createUplink, type UplinkOptions } from '../../../../src/egress/uplink/uplink.ts';

/** A connection of the dialect `json` that nobody is bound to, unless `uid` says who is. */
export function askerOf(
  more: { uid?: string; deviceId?: string; system?: string; cid?: number; rooms?: string[]; clientId?: string } = {},
): Asker {
  const { uid, deviceId = 'd1', system = 'default', cid = 7, rooms, clientId } = more;
  const bound = { uid: uid ?? '', deviceId, deviceName: '', channel: 'web', boundAt: 0, loginSequence: 1 };
  const groups = rooms && new Map(rooms.map((name) => [{ name }, {}]));
  return { cid, system, clientId, identity: uid === undefined ? undefined : bound, groups: groups as Asker['groups'] };
}

export function requestOf(key: string, from: Asker, data: Record<string, string> = {}): UplinkRequest {
  return { from, key, timestamp: 0n, data: new Map(Object.entries(data)) };
}

/** Answers each question as the test says, in the order in which they came. */
export function fakeHook(): Hook & {
  readonly asked: { id: string; body: string }[];
  answer(answer: HookAnswer | string): void;
} {
  const asked: { id: string; body: string }[] = [];
  const waiting: ((answer: HookAnswer) => void)[] = [];
  let isClosed = false;
  return {
    asked,
    ask(id, body) {
      asked.push({ id, body });
      return new Promise((resolve) => waiting.push(resolve));
    },
    answer: (answer) =>
      waiting.shift()?.(typeof answer === 'string' ? { is: 'answer', status: 200, text: answer } : answer),
    get status() {
      return isClosed
        ? ({ state: 'closed', failure: 'closed' } as const)
        : ({ state: 'ready', failure: undefined } as const);
    },
    get figures() {
      return { answered: 1, failed: 2, refused: 3, waiting: waiting.length, retries: 0, opened: 0 };
    },
    onState: () => {},
    async close() {
      isClosed = true;
      for (const end of waiting.splice(0)) end({ is: 'closed', reason: 'closed' });
    },
  };
}

/** Takes each hand-over when the test says so. */
export function fakeSink(): Sink & {
  readonly batches: (readonly SinkRecord[])[];
  take(error?: Error): Promise<void>;
} {
  const batches: (readonly SinkRecord[])[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  return {
    kind: 'stream',
    status: { state: 'ready', failure: undefined },
    batches,
    send(records) {
      batches.push(records);
      const one = Promise.withResolvers<void>();
      waiting.push(one);
      return one.promise;
    },
    async take(error) {
      const one = waiting.shift();
      if (error === undefined) one?.resolve();
      else one?.reject(error);
      await new Promise(setImmediate);
    },
    close: async () => {},
    onState: () => {},
  };
}

export const receiptOf = (more: Partial<Receipt> = {}): Receipt => ({
  messageId: 'm1',
  matched: 1,
  delivered: 1,
  queued: 0,
  stored: 0,
  dropped: {},
  missingNodes: [],
  ...more,
});

/** Writes down what is pushed; answers `result`, or throws it. */
export function fakeExecute(result: Receipt | Error = receiptOf()) {
  const pushed: PushCommand[] = [];
  const execute = (async (command: PushCommand) => {
    pushed.push(command);
    if (result instanceof Error) throw result;
    return result;
  }) as unknown as Execute;
  return { execute, pushed };
}

/** An uplink with a clock of its own, whose ids are `id1`, `id2`, … */
export function uplinkOf(more: Partial<UplinkOptions>) {
  const clock = { ms: 0 };
  const counted: string[] = [];
  const faults: string[] = [];
  let ids = 0;
  const uplink = createUplink({
    routes: [],
    rate: 0,
    timeoutMs: 1000,
    chat: false,
    chatRoom: false,
    execute: fakeExecute().execute,
    newMessageId: () => `id${++ids}`,
    onAnswered: (route, code) => counted.push(`${route} ${code}`),
    onFault: (route, reason) => faults.push(`${route}: ${reason}`),
    now: () => clock.ms,
    ...more,
  });
  const codeOf = async (key: string, from: Asker, data?: Record<string, string>) =>
    (await uplink.ask(requestOf(key, from, data))).code;
  return { uplink, clock, counted, faults, codeOf };
}
