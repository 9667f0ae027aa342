import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * The other side of a server that is posted to, in a process of its own: many kept connections with requests in flight on
 * raw sockets, and the WebSocket clients that get what was posted, which only count. Says `ready` when all clients are
 * connected, then does each `Round` it is sent and answers with a `RoundFigures`.
 */
export interface Work {
  readonly port: number;
  /** Posted in turn. */
  readonly requests: readonly { readonly path: string; readonly body: string }[];
  /** 0: somebody else publishes, once the load has said `begun`; the frames are waited for. */
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly depth: number;
  /** What each client says after the upgrade, as the hex of one frame that is answered with one; '' for nothing. */
  readonly clients: readonly string[];
  readonly clientPath: string;
}

export interface Round {
  readonly posts: number;
  /** Frames that must have come for each POST before the round is over. */
  readonly framesPerPost: number;
}

export interface RoundFigures {
  readonly seconds: number;
  /** Of this process. */
  readonly cpuMs: number;
  /** Answers other than 200. */
  readonly refused: number;
}

const patienceMs = 10_000;

class Counter {
  frames = 0;
  answers = 0;
  refused = 0;
  onChange: (() => void) | undefined;
}

/** A connection that keeps `depth` requests in flight while `next` has some. */
class Poster {
  readonly #socket: Socket;
  readonly #counter: Counter;
  readonly #next: () => Buffer | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(port: number, counter: Counter, next: () => Buffer | undefined) {
    this.#counter = counter;
    this.#next = next;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#socket.on('error', fail);
  }

  start(depth: number): void {
    this.#post(depth);
  }

  #post(count: number): void {
    const wanted: Buffer[] = [];
    for (let at = 0; at < count; at += 1) {
      const request = this.#next();
      if (request !== undefined) wanted.push(request);
    }
    if (wanted.length > 0) this.#socket.write(wanted.length === 1 ? (wanted[0] as Buffer) : Buffer.concat(wanted));
  }

  #take(bytes: Buffer): void {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    let answered = 0;
    for (;;) {
      const head = data.indexOf('\r\n\r\n', at);
      if (head < 0) break;
      const text = data.toString('latin1', at, head);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
      const end = head + 4 + length;
      if (end > data.length) break;
      if (!text.startsWith('HTTP/1.1 200 ')) this.#counter.refused += 1;
      answered += 1;
      at = end;
    }
    this.#rest = data.subarray(at);
    this.#counter.answers += answered;
    this.#post(answered);
    if (answered > 0) this.#counter.onChange?.();
  }
}

/** Counts the messages one client gets: frames are found by their lengths, nothing is decoded. */
function openClient(port: number, path: string, hello: string, counter: Counter): Promise<void> {
  const open = Promise.withResolvers<void>();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  let upgraded = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', fail);
  socket.on('data', (bytes: Buffer) => {
    let data = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    if (!upgraded) {
      const end = data.indexOf('\r\n\r\n');
      rest = data;
      if (end < 0) return;
      upgraded = true;
      data = data.subarray(end + 4);
      if (hello === '') open.resolve();
      else socket.write(Buffer.from(hello, 'hex'));
    }
    let at = 0;
    for (;;) {
      const length = frameLength(data, at);
      if (length === 0 || at + length > data.length) break;
      counter.frames += 1;
      at += length;
    }
    if (at > 0) open.resolve();
    rest = data.subarray(at);
    counter.onChange?.();
  });
  return open.promise;
}

/** Of the frame at `at`, head included; 0 while its head is incomplete. */
function frameLength(data: Buffer, at: number): number {
  if (data.length < at + 2) return 0;
  const short = (data[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return data.length < at + 4 ? 0 : 4 + data.readUInt16BE(at + 2);
  return data.length < at + 10 ? 0 : 10 + Number(data.readBigUInt64BE(at + 2));
}

function fail(error: Error): never {
  throw error;
}

async function serve(work: Work): Promise<void> {
  const { port, clientPath } = work;
  const counter = new Counter();
  const requests = work.requests.map(({ path, body }) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  let left = 0;
  let turn = 0;
  const next = (): Buffer | undefined => {
    if (left === 0) return undefined;
    left -= 1;
    turn = (turn + 1) % requests.length;
    return requests[turn];
  };
  for (let at = 0; at < work.clients.length; at += 200) {
    const some = work.clients.slice(at, at + 200);
    await Promise.all(some.map((hello) => openClient(port, clientPath, hello, counter)));
  }
  const posters = Array.from({ length: work.connections }, () => new Poster(port, counter, next));

  process.on('message', async ({ posts, framesPerPost }: Round) => {
    const before = { frames: counter.frames, refused: counter.refused };
    const wanted = {
      answers: counter.answers + (posters.length === 0 ? 0 : posts),
      frames: counter.frames + posts * framesPerPost,
    };
    const startedAt = performance.now();
    const startedCpu = process.cpuUsage();
    const whenDone = new Promise<void>((resolve, reject) => {
      const tooLate = setTimeout(() => {
        const answers = wanted.answers - counter.answers;
        reject(new Error(`${answers} answers and ${wanted.frames - counter.frames} frames are missing`));
      }, patienceMs + posts);
      counter.onChange = () => {
        if (counter.answers < wanted.answers || counter.frames < wanted.frames) return;
        clearTimeout(tooLate);
        resolve();
      };
    });
    left = posts;
    if (posters.length === 0) process.send?.('begun');
    for (const poster of posters) poster.start(work.depth);
    await whenDone;
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(startedCpu);
    if (counter.frames - before.frames !== posts * framesPerPost) throw new Error('more frames came than were sent');
    const figures: RoundFigures = { seconds, cpuMs: (user + system) / 1000, refused: counter.refused - before.refused };
    process.send?.(figures);
  });
  process.send?.('ready');
}

process.once('message', (work: Work) => void serve(work));
