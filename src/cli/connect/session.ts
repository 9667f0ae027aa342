import { WebSocket } from 'ws';
import { ClientError, refusalOf } from '../../client/client-error.ts';
import { cannotConnect } from '../../client/http-exchange.ts';
import type { ClientDialect, HeardFrame } from './dialects.ts';

export interface SessionOptions {
  readonly url: URL;
  readonly dialect: ClientDialect;
  /** Data of `client_bind`, sent as the first frame; undefined: no bind. */
  readonly bind: Readonly<Record<string, string>> | undefined;
  /** PEM; the authorities to trust in the place of those the program knows. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onFrame: (frame: HeardFrame) => void;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** An open connection of a client. */
export interface Session {
  send(key: string, dataText: string): void;
  close(): void;
  /** Settles when the connection is over. Rejects for bytes that are not of the dialect. */
  readonly closed: Promise<Closed>;
}

/**
 * Connects, binds where asked to, and answers heartbeats by itself. Rejects with `ClientError` where there is no
 * WebSocket to be had.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { dialect, signal } = options;
  const socket = new WebSocket(options.url, {
    handshakeTimeout: options.timeoutMs,
    perMessageDeflate: false,
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  const { promise: closed, resolve, reject } = Promise.withResolvers<Closed>();
  socket.on('message', (data: Buffer) => {
    try {
      const frame = dialect.decode(data);
      if (frame.type === 'ping' && dialect.pong !== undefined) socket.send(dialect.pong);
      options.onFrame(frame);
    } catch (error) {
      reject(error);
      socket.terminate();
    }
  });
  const close = () => socket.close(1000);
  signal.addEventListener('abort', close, { once: true });
  socket.on('close', (code, reason) => {
    signal.removeEventListener('abort', close);
    resolve({ code, reason: reason.toString() });
  });
  await opened(socket, options);
  socket.on('error', () => {
    // `close` follows with 1006 or the code of the broken rule.
  });
  const send = (key: string, dataText: string) => socket.send(dialect.request(key, dataText, BigInt(Date.now())));
  if (options.bind !== undefined) send('client_bind', JSON.stringify(options.bind));
  return { send, close, closed };
}

function opened(socket: WebSocket, { url, timeoutMs, signal }: SessionOptions): Promise<void> {
  const where = url.host;
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.removeAllListeners('error');
      resolve();
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      if (signal.aborted) return reject(new ClientError('interrupted', 'interrupted'));
      const isSlow = cause.message === 'Opening handshake has timed out';
      reject(
        isSlow
          ? new ClientError('timed_out', { is: 'no_handshake', values: [where, String(timeoutMs)] }, { cause })
          : cannotConnect(where, cause),
      );
    });
    socket.once('unexpected-response', (_request, answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, 65536);
      });
      answer.once('close', () => {
        reject(upgradeRefusal(answer.statusCode ?? 0, body, url));
        socket.terminate();
      });
    });
  });
}

/** A refused upgrade carries `{"code":404,"message":"…"}`. */
function upgradeRefusal(status: number, body: string, { host, pathname }: URL): ClientError {
  const message = messageIn(body);
  if (message !== undefined && status === 404) {
    return new ClientError('not_yunque', `${host}: no WebSocket dialect at ${pathname}`, {
      hint: 'the usual paths are /ws, /yunque, /cim and /cim-json; leave the path out, and --dialect chooses',
    });
  }
  if (message === undefined) return refusalOf(status, body, { where: host });
  return new ClientError(status === 401 || status === 403 ? 'denied' : 'not_yunque', `${host}: ${message}`);
}

function messageIn(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
