import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends it, waiting included. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * - `none`: not a byte of an answer came; whether the question arrived is not known.
 * - `late`: its signal ended it.
 * - `cut`: the answer ended in the middle.
 * - `too_long`: there was more of it than is read.
 */
export type NoAnswerKind = 'none' | 'late' | 'cut' | 'too_long';

/** The message is for the operator and names no address but the configured one. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly is: NoAnswerKind;

  constructor(is: NoAnswerKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.is = is;
  }
}

/** Questions to one address of the configuration. */
export interface BoundedHttp {
  /** Rejects with `NoAnswer`. */
  ask(ask: Ask): Promise<Answer>;
  close(): void;
}

const maxAnswerBytes = 64 * 1024;

/**
 * Asks one fixed URL: redirects are not followed, answers are read up to 64 KiB, and connections are kept. node:http and not
 * fetch, which refuses to talk to some ports.
 */
export function createBoundedHttp(address: string): BoundedHttp {
  const url = new URL(address);
  const isTls = url.protocol === 'https:';
  const agent = isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const open = ({ method, headers, signal }: Ask): ClientRequest => {
    const options = {
      method,
      headers: { 'user-agent': 'yunque', accept: 'application/json', ...headers },
      agent,
      signal,
    };
    return isTls ? requestHttps(url, options) : requestHttp(url, options);
  };

  const exchange = (ask: Ask): Promise<Answer | typeof keptConnectionClosed> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer | typeof keptConnectionClosed>();
    const request = open(ask);
    let isAnswered = false;
    const onError = (error: NodeJS.ErrnoException): void => {
      if (!isAnswered && request.reusedSocket && error.code === 'ECONNRESET') resolve(keptConnectionClosed);
      else reject(asNoAnswer(error, url, ask.signal.aborted ? 'late' : isAnswered ? 'cut' : 'none'));
    };
    request.on('error', onError);
    request.on('response', (response) => {
      isAnswered = true;
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), onError);
    });
    request.end(ask.body);
    return promise;
  };

  return {
    async ask(ask) {
      for (;;) {
        const answer = await exchange(ask);
        if (answer !== keptConnectionClosed) return answer;
      }
    },
    close: () => agent.destroy(),
  };
}

/** The other side closed a kept connection just as it was used again: each time there is one less. */
const keptConnectionClosed = Symbol('kept connection closed');

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswerBytes) {
      response.destroy();
      throw new NoAnswer('too_long', `the answer is longer than ${maxAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function asNoAnswer(error: NodeJS.ErrnoException, { host }: URL, is: NoAnswerKind): NoAnswer {
  if (error instanceof NoAnswer) return error;
  const reason = is === 'late' ? 'no answer in time' : (error.code ?? error.message);
  return new NoAnswer(is, `${host}: ${reason}`, { cause: error });
}
