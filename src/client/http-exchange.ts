import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { type OperatorRole, roleHeader } from '../api/principal.ts';
import { ClientError, refusalOf } from './client-error.ts';
import { reasonOf } from './situations.ts';
import { tlsTrouble } from './tls-trouble.ts';

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * A larger body waits until the node asks for it: one that refuses it unread hangs up, and a socket that breaks while we
 * write takes the node's answer with it.
 */
const MAX_BYTES_UNASKED = 64 * 1024;
/** RFC 9110 section 10.1.1: some servers and proxies never ask. */
const ASK_WAIT_MS = 1000;

export interface ExchangeOptions {
  /** `http:` or `https:`; a path in it is put before every request's. Unused where `socketPath` is given. */
  readonly url?: URL | undefined;
  /** The operator socket. */
  readonly socketPath?: string | undefined;
  /** PEM; the authorities to trust in the place of those the program knows. */
  readonly ca?: string | undefined;
  /** Sent as `Authorization: Bearer`. */
  readonly key?: string | undefined;
  /** Asks for no more than this role may do, whatever the key may. */
  readonly role?: OperatorRole | undefined;
  /** From the call to the last byte of the answer; of a stream, to its head. */
  readonly timeoutMs: number;
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined;
}

export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Begins with `/`, already encoded. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string | undefined;
  /** Instead of the exchange's own. */
  readonly timeoutMs?: number | undefined;
}

/** Requests over connections that are kept between them. Everything rejects with `ClientError`. */
export interface HttpExchange {
  /** The parsed body of a 2xx answer. */
  json(outgoing: Outgoing): Promise<unknown>;
  /** A 2xx answer whose body is read by the caller, who ends it by `signal` or by destroying it. */
  stream(outgoing: Outgoing, signal?: AbortSignal): Promise<IncomingMessage>;
  /** Whom it talks to, for messages to people. */
  readonly where: string;
  close(): void;
}

/** node:http and not fetch, which refuses to talk to some ports. */
export function createHttpExchange(options: ExchangeOptions): HttpExchange {
  const isTls = options.socketPath === undefined && options.url?.protocol === 'https:';
  const agent = isTls ? new TlsAgent({ keepAlive: true, ca: options.ca }) : new Agent({ keepAlive: true });
  const where = options.socketPath ?? options.url?.origin ?? 'the node';

  const open = (outgoing: Outgoing): ClientRequest => {
    const head = { method: outgoing.method, headers: headersFor(options, outgoing), agent };
    if (options.socketPath !== undefined)
      return requestHttp({ ...head, socketPath: options.socketPath, path: outgoing.path });
    if (options.url === undefined) throw new TypeError('neither a URL nor a socket is given');
    const target = new URL(options.url.pathname.replace(/\/+$/, '') + outgoing.path, options.url);
    return isTls ? requestHttps(target, head) : requestHttp(target, head);
  };

  const ask = async <T>(outgoing: Outgoing, read: Reader<T>, signal: AbortSignal | undefined): Promise<T> => {
    const task = {
      open: () => open(outgoing),
      body: outgoing.body,
      read,
      where,
      timeoutMs: outgoing.timeoutMs ?? options.timeoutMs,
      signal,
    };
    for (;;) {
      try {
        return await exchange(task);
      } catch (error) {
        if (!(error instanceof KeptConnectionClosed)) throw error;
        // The node may close a kept connection just as it is used again. Only a question may be asked twice; there may be
        // several such connections, and each time there is one less.
        if (outgoing.method !== 'GET') throw error.asClientError;
      }
    }
  };

  return {
    where,
    json: (outgoing) => ask(outgoing, (answer) => readJson(answer, where), options.signal),
    stream(outgoing, signal) {
      const either = anySignal(options.signal, signal);
      return ask(outgoing, async (answer) => endedBy(either, answer), either);
    },
    close: () => agent.destroy(),
  };
}

function headersFor(options: ExchangeOptions, outgoing: Outgoing): Record<string, string | number> {
  return {
    accept: 'application/json',
    ...(options.socketPath !== undefined && { host: 'localhost' }),
    ...(options.key !== undefined && { authorization: `Bearer ${options.key}` }),
    ...(options.role !== undefined && { [roleHeader]: options.role }),
    ...(outgoing.body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(outgoing.body),
      ...(Buffer.byteLength(outgoing.body) > MAX_BYTES_UNASKED && { expect: '100-continue' }),
    }),
  };
}

type Reader<T> = (answer: IncomingMessage) => Promise<T>;

interface Task<T> {
  readonly open: () => ClientRequest;
  readonly body: string | undefined;
  readonly read: Reader<T>;
  readonly where: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

class KeptConnectionClosed extends Error {
  readonly asClientError: ClientError;
  constructor(asClientError: ClientError) {
    super('a kept connection was closed');
    this.asClientError = asClientError;
  }
}

async function exchange<T>(task: Task<T>): Promise<T> {
  if (task.signal?.aborted === true) throw interrupted();
  const request = task.open();
  let isConnected = false;
  let ended: ClientError | undefined;
  const end = (error: ClientError) => {
    ended ??= error;
    request.destroy();
  };
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => (isConnected = true));
    else isConnected = true;
  });
  const deadline = setTimeout(() => end(tooLate(task, isConnected)), task.timeoutMs);
  const onAbort = () => end(interrupted());
  task.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await sendRequest(request, task.body);
    if (answer.statusCode !== undefined && answer.statusCode >= 200 && answer.statusCode < 300)
      return await task.read(answer);
    throw refusalOf(answer.statusCode ?? 0, await readText(answer), { where: task.where, keyHint });
  } catch (error) {
    if (ended !== undefined) throw ended;
    if (error instanceof ClientError) throw error;
    const failure = unreachable(error, task.where, isConnected);
    throw request.reusedSocket ? new KeptConnectionClosed(failure) : failure;
  } finally {
    clearTimeout(deadline);
    // Answered before the body was asked for: this connection is of no further use.
    if (!request.writableEnded) request.destroy();
    task.signal?.removeEventListener('abort', onAbort);
  }
}

function sendRequest(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.once('close', () => reject(new Error('closed without an answer')));
    if (!request.hasHeader('expect')) return void request.end(body);
    const impatience = setTimeout(() => request.end(body), ASK_WAIT_MS);
    request.once('continue', () => {
      clearTimeout(impatience);
      if (!request.writableEnded) request.end(body);
    });
    for (const event of ['response', 'close']) request.once(event, () => clearTimeout(impatience));
  });
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES)
      throw new ClientError('not_yunque', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readJson(answer: IncomingMessage, where: string): Promise<unknown> {
  const text = await readText(answer);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ClientError('not_yunque', `${where} answered something that is not JSON`, {
      hint: 'check the address: it must be the port (or the internal address) of a yunque node',
      cause,
    });
  }
}

/** The exchange is over with the answer's head; from then on the body itself has to listen. */
function endedBy(signal: AbortSignal | undefined, answer: IncomingMessage): IncomingMessage {
  const onAbort = () => answer.destroy(interrupted());
  signal?.addEventListener('abort', onAbort, { once: true });
  answer.once('close', () => signal?.removeEventListener('abort', onAbort));
  return answer;
}

function anySignal(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

function interrupted(): ClientError {
  return new ClientError('interrupted', 'interrupted');
}

function tooLate({ where, timeoutMs }: Task<unknown>, isConnected: boolean): ClientError {
  const values = [where, String(timeoutMs)];
  if (!isConnected) return new ClientError('unreachable', { is: 'not_accepted', values }, { hint: startHint });
  return new ClientError(
    'timed_out',
    { is: 'no_answer', values },
    { hint: 'wait longer with --timeout 30s, or look at the log of the node' },
  );
}

export const startHint = 'is it running? `yunque serve 7001` starts a node; -s URL names another';

/** Why there is no connection to `where`. */
export function cannotConnect(where: string, cause: NodeJS.ErrnoException): ClientError {
  const trouble = tlsTrouble(cause);
  const reason = trouble === undefined ? reasonOf(cause) : { is: trouble.situation, values: [] };
  const details = { hint: trouble?.hint ?? (cause.code === 'ECONNRESET' ? hangUpHint : startHint), cause };
  return new ClientError('unreachable', { is: 'cannot_connect', values: [where, reason] }, details);
}

/** What a server does that speaks TLS, to whom does not. */
const hangUpHint = 'if it speaks TLS, write https:// (or wss://); else look at the log of the node';

/** For the caller of an HTTP API the node's own hint is right; at the command line there are no headers to set. */
const keyHint =
  'bring the key with --key-file FILE or YUNQUE_KEY_FILE; for a node of this machine run by another user: ' +
  'run this as that user, or set operator.group';

function unreachable(cause: unknown, where: string, isConnected: boolean): ClientError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'run as the user the node runs as';
    return new ClientError('denied', { is: 'no_permission', values: [where] }, { hint, cause });
  }
  if (!isConnected || tlsTrouble(cause as NodeJS.ErrnoException) !== undefined) {
    return cannotConnect(where, cause as NodeJS.ErrnoException);
  }
  const values = [where, reasonOf(cause as NodeJS.ErrnoException)];
  const hint = code === 'ECONNRESET' && where.startsWith('http:') ? hangUpHint : startHint;
  return new ClientError('unreachable', { is: 'broke', values }, { hint, cause });
}
