import { type ErrorCode, YunqueError } from '../../api/errors.ts';
import { type SettingPlace, StartError } from '../../util/start-error.ts';

/** Questions one side answers, by name. */
export type Calls = Readonly<Record<string, { readonly request: unknown; readonly answer: unknown }>>;

export type CallHandlers<C extends Calls> = {
  readonly [K in keyof C]: (request: C[K]['request']) => C[K]['answer'] | Promise<C[K]['answer']>;
};

/** What carries the messages: Node's channel between processes, or a pair in a test. In order, whole, or not at all. */
export interface ChannelPort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** The other side of a channel. `Theirs` is what it answers. */
export interface Channel<Theirs extends Calls> {
  /** Rejects with what the other side threw, or with `ChannelClosed`; with `deadlineMs` also with `ChannelLate`. */
  ask<K extends keyof Theirs & string>(
    name: K,
    request: Theirs[K]['request'],
    options?: { readonly deadlineMs?: number },
  ): Promise<Theirs[K]['answer']>;
  /** As `ask`, without an answer. Of what comes after a tell the other side begins nothing before it. */
  tell<K extends keyof Theirs & string>(name: K, request: Theirs[K]['request']): void;
  /** The other side is gone: what was asked is rejected. */
  close(): void;
}

/** The process on the other side has gone. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
}

/** No answer came in time. */
export class ChannelLate extends Error {
  override readonly name = 'ChannelLate';
}

type Wire =
  | { readonly call: string; readonly request: unknown; readonly id?: number }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: WireError };

type WireError =
  | {
      readonly kind: 'yunque';
      readonly code: ErrorCode;
      readonly message: string;
      readonly field: string | undefined;
      readonly hint: string | undefined;
      readonly problems: readonly string[] | undefined;
      readonly retryAfterSeconds: number | undefined;
    }
  | ({ readonly kind: 'start' } & StartWords)
  | { readonly kind: 'other'; readonly message: string; readonly stack: string | undefined };

interface StartWords {
  readonly words: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly at: SettingPlace | undefined;
  /** Where several are one. */
  readonly parts: readonly StartWords[] | undefined;
}

/** `onFault` is told of a handler of a tell that failed. */
export function createChannel<Own extends Calls, Theirs extends Calls>(
  port: ChannelPort,
  handlers: CallHandlers<Own>,
  onFault: (error: unknown, call: string) => void,
): Channel<Theirs> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let isClosed = false;

  async function answer(call: string, request: unknown, id: number | undefined): Promise<void> {
    try {
      const handle = handlers[call as keyof Own];
      if (handle === undefined) throw new Error(`there is no call ${call}`);
      const result = await handle(request as never);
      if (id !== undefined) port.send({ id, answer: result } satisfies Wire);
    } catch (error) {
      if (id === undefined) onFault(error, call);
      else port.send({ id, error: writeError(error) } satisfies Wire);
    }
  }

  port.onMessage((message) => {
    const wire = message as Wire;
    if ('call' in wire) return void answer(wire.call, wire.request, wire.id);
    const asked = waiting.get(wire.id);
    waiting.delete(wire.id);
    if ('error' in wire) asked?.reject(readError(wire.error));
    else asked?.resolve(wire.answer);
  });

  return {
    ask(call, request, { deadlineMs } = {}) {
      if (isClosed) return Promise.reject(new ChannelClosed('the process has gone'));
      lastId += 1;
      const id = lastId;
      const asked = Promise.withResolvers<unknown>();
      waiting.set(id, asked);
      const late = () => {
        waiting.delete(id);
        asked.reject(new ChannelLate(`no answer to ${call} within ${deadlineMs} ms`));
      };
      const timer = deadlineMs === undefined ? undefined : setTimeout(late, deadlineMs);
      port.send({ call, request, id } satisfies Wire);
      return asked.promise.finally(() => clearTimeout(timer)) as Promise<never>;
    },
    tell(call, request) {
      if (!isClosed) port.send({ call, request } satisfies Wire);
    },
    close() {
      isClosed = true;
      for (const asked of waiting.values()) asked.reject(new ChannelClosed('the process has gone'));
      waiting.clear();
    },
  };
}

function writeError(error: unknown): WireError {
  if (error instanceof YunqueError) {
    const { code, message, field, hint, problems, retryAfterSeconds } = error;
    return { kind: 'yunque', code, message, field, hint, problems, retryAfterSeconds };
  }
  if (error instanceof StartError) return { kind: 'start', ...startWords(error) };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'other', message, stack };
}

export function startWords({ words, hint, exitCode, at, parts }: StartError): StartWords {
  return { words, hint, exitCode, at, parts: parts.length > 1 ? parts.map(startWords) : undefined };
}

function readStart({ words, hint, exitCode, at, parts }: StartWords): StartError {
  return new StartError(words, {
    exitCode,
    ...(hint !== undefined && { hint }),
    ...(at !== undefined && { at }),
    ...(parts !== undefined && { parts: parts.map(readStart) }),
  });
}

function readError(error: WireError): Error {
  switch (error.kind) {
    case 'yunque': {
      const { code, message, field, hint, problems, retryAfterSeconds } = error;
      return new YunqueError(code, message, {
        retryAfterSeconds,
        ...(field !== undefined && { field }),
        ...(hint !== undefined && { hint }),
        ...(problems !== undefined && { problems }),
      });
    }
    case 'start':
      return readStart(error);
    case 'other': {
      const read = new Error(error.message);
      if (error.stack !== undefined) read.stack = error.stack;
      return read;
    }
    default:
      return error satisfies never;
  }
}
