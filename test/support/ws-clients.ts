import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { TestNode } from './node.ts';
import { type DialectName, type Fields, type Received, readFrame, writePong, writeRequest } from './ws-decode.ts';

export const paths: Readonly<Record<DialectName, string>> = {
  json: '/ws',
  yunque: '/yunque',
  cim: '/cim',
  'cim-json': '/cim-json',
};

const PATIENCE_MS = 8000;

export interface ConnectOptions {
  /** Default: the dialect's own path of the node's own port. */
  readonly url?: string;
  readonly system?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of this machine, such as any of 127.0.0.0/8 on Linux. */
  readonly localAddress?: string;
  readonly protocols?: readonly string[];
  /** Answer WebSocket's own ping frames; default true. */
  readonly autoPong?: boolean;
  /** Answer the heartbeats of the dialect; default true. */
  readonly heartbeat?: boolean;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A real client of one dialect. Remembers every frame; whoever waits is told what came instead when it waits in vain. */
export class WsClient {
  readonly dialect: DialectName;
  readonly ws: WebSocket;
  /** Before it was connected, by `performance.now()`. */
  readonly openedAt = performance.now();
  readonly frames: Received[] = [];
  /** Empty ping frames of WebSocket itself. */
  pingFrames = 0;
  clientId = '';
  cid = '';
  sid = '';
  /** What it was bound with. */
  bound: Readonly<Record<string, string>> = {};
  ended: Closed | undefined;
  /** Frames before this one have been looked at. */
  #read = 0;
  readonly #changed = new Set<() => void>();
  #fault: unknown;

  constructor(ws: WebSocket, dialect: DialectName, heartbeat: boolean) {
    this.ws = ws;
    this.dialect = dialect;
    ws.on('message', (data, isBinary) => {
      try {
        const frame = readFrame(dialect, data as Buffer, isBinary);
        this.frames.push(frame);
        if (heartbeat && frame.type === 'ping' && dialect !== 'json') this.send(writePong(dialect));
      } catch (error) {
        this.#fault = error;
      }
      this.#wake();
    });
    ws.on('ping', () => {
      this.pingFrames += 1;
      this.#wake();
    });
    ws.on('error', () => {});
    ws.on('close', (code, reason) => {
      this.ended = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** How the connection ended, once it has. */
  get closed(): Promise<Closed> {
    return this.until(() => this.ended, 'end of the connection');
  }

  get messages(): Fields[] {
    return this.frames.filter((frame) => frame.type === 'message').map((frame) => frame.body);
  }

  /** Ids that name this connection: its clientId where it knows one, else its cid. */
  get ref(): string {
    return this.clientId === '' ? this.cid : this.clientId;
  }

  /** The next frame that fits; those before it count as looked at. */
  async next(fits: (frame: Received) => boolean, what = 'a frame'): Promise<Received> {
    return (await this.upTo(fits, what)).at(-1) as Received;
  }

  /** All frames that have not been looked at, up to the first that fits. */
  async upTo(fits: (frame: Received) => boolean, what = 'a frame'): Promise<Received[]> {
    const at = await this.until(() => {
      const found = this.frames.findIndex((frame, index) => index >= this.#read && fits(frame));
      return found < 0 ? undefined : found;
    }, what);
    const taken = this.frames.slice(this.#read, at + 1);
    this.#read = at + 1;
    return taken;
  }

  message(fits: (body: Fields) => boolean = () => true): Promise<Received> {
    return this.next((frame) => frame.type === 'message' && fits(frame.body), 'a message');
  }

  reply(key: string): Promise<Received> {
    return this.next((frame) => frame.type === 'reply' && frame.body['key'] === key, `a reply to ${key}`);
  }

  /** Resolves with what `look` finds, asked again whenever something has come. */
  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      const found = look();
      if (found !== undefined) return found;
      const left = end - Date.now();
      if (this.ended !== undefined || left <= 0) throw new Error(`${this.dialect}: no ${what}; ${this.#story()}`);
      await this.#change(left);
    }
  }

  async request(key: string, data: Readonly<Record<string, string>> = {}): Promise<Received> {
    this.send(writeRequest(this.dialect, key, data));
    return this.reply(key);
  }

  async bind(data: Readonly<Record<string, string>>): Promise<Received> {
    const reply = await this.request('client_bind', data);
    const place = reply.body['data'] as Readonly<Record<string, string>>;
    this.sid = place['sid'] ?? '';
    this.cid = place['cid'] ?? '';
    this.bound = data;
    return reply;
  }

  /** Text in the dialects of text, binary in the others. */
  send(payload: Buffer | string): void {
    this.ws.send(payload, { binary: this.dialect === 'yunque' || this.dialect === 'cim' });
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }

  #story(): string {
    const frames = this.frames.map((frame) => frame.raw.toString('latin1')).join(' | ');
    return `closed: ${JSON.stringify(this.ended)}; got: ${frames.slice(-2000)}`;
  }

  #wake(): void {
    for (const wake of this.#changed) wake();
  }

  async #change(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#changed.add(resolve);
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    this.#changed.delete(resolve);
  }
}

/** Connected, and nothing more: no first frame awaited, no bind. */
export async function connect(
  node: Pick<TestNode, 'ws'>,
  dialect: DialectName,
  options: ConnectOptions = {},
): Promise<WsClient> {
  const ws = open(node, dialect, options);
  const client = new WsClient(ws, dialect, options.heartbeat ?? true);
  await once(ws, 'open');
  return client;
}

let uids = 0;

/**
 * A client that receives: `json` has heard its clientId and cid is looked up, the others are bound (to a user of their own
 * unless `bind` says otherwise).
 */
export async function join(
  node: TestNode,
  dialect: DialectName,
  options: ConnectOptions & { readonly bind?: Readonly<Record<string, string>> } = {},
): Promise<WsClient> {
  const client = await connect(node, dialect, options);
  if (dialect === 'json') {
    const hello = await client.next((frame) => frame.type === 'hello', 'a first frame');
    client.clientId = (hello.body['data'] as { clientId: string }).clientId;
  } else {
    uids += 1;
    await client.bind(options.bind ?? { uid: `user-${uids}`, channel: 'web', deviceId: `device-${uids}` });
    if (client.cid === '') throw new Error(`bind was refused: ${JSON.stringify(client.frames.at(-1)?.body)}`);
  }
  return client;
}

/** The HTTP answer to an upgrade that is refused. */
export async function connectRefused(
  node: TestNode,
  dialect: DialectName,
  options: ConnectOptions = {},
): Promise<{ status: number; body: string }> {
  const ws = open(node, dialect, options);
  ws.on('error', () => {});
  const answered = once(ws, 'unexpected-response') as Promise<[unknown, IncomingMessage]>;
  const opened = once(ws, 'open').then(() => {
    throw new Error('it was let in');
  });
  const [, response] = await Promise.race([answered, opened]);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

function open(node: Pick<TestNode, 'ws'>, dialect: DialectName, options: ConnectOptions): WebSocket {
  const query = options.system === undefined ? '' : `?systemId=${encodeURIComponent(options.system)}`;
  return new WebSocket(`${options.url ?? node.ws + paths[dialect]}${query}`, [...(options.protocols ?? [])], {
    perMessageDeflate: false,
    autoPong: options.autoPong ?? true,
    headers: { ...options.headers },
    ...(options.localAddress !== undefined && { localAddress: options.localAddress }),
  });
}
