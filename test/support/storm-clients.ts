import { connect, type Socket } from 'node:net';
import { clientFrame, opcode, ServerFrames, upgradeRequest } from './raw-frames.ts';
import { type DialectName, dialectNames, writeRequest } from './ws-decode.ts';

const PATIENCE_MS = 25_000;

/**
 * Run by `storm.test.ts` in a process of its own: many clients on bare sockets, of all dialects in turn, that never try
 * again. Told what to do and telling what came over the parent's channel.
 */
export type StormOrder =
  | { readonly do: 'connect'; readonly port: number; readonly count: number; readonly marker: string }
  /** `politely` with a close frame, or with a reset. */
  | { readonly do: 'leave'; readonly politely: boolean };

/** Sent when all have come so far, and after 25 s without. */
export interface StormReport {
  /** All of them: have been greeted or bound; have heard the marker; are gone. Undefined: patience has ended. */
  readonly all: 'greeted' | 'heard' | 'gone' | undefined;
  /** How many of each there were by then. */
  readonly counts: Readonly<Record<'greeted' | 'heard' | 'gone', number>>;
  /** Frames besides the greeting and the marker, and clients that failed, by what happened. */
  readonly unexpected: Readonly<Record<string, number>>;
}

const paths = { json: '/ws', yunque: '/yunque', cim: '/cim', 'cim-json': '/cim-json' };

let sockets: Socket[] = [];
let unexpected: Record<string, number> = {};
let leaving = false;
let patience: NodeJS.Timeout | undefined;

process.on('message', (order: StormOrder) => {
  if (order.do === 'leave') {
    leaving = true;
    for (const socket of sockets) {
      if (order.politely) socket.write(clientFrame(opcode.close, Buffer.from([0x03, 0xe8])));
      else socket.resetAndDestroy();
    }
    return;
  }
  leaving = false;
  unexpected = {};
  const { count } = order;
  const counts = { greeted: 0, heard: 0, gone: 0 };
  const report = (all: StormReport['all'] | undefined) =>
    process.send?.({ all, counts, unexpected } satisfies StormReport);
  clearTimeout(patience);
  patience = setTimeout(report, PATIENCE_MS, undefined);
  const reached = (what: keyof typeof counts) => {
    counts[what] += 1;
    if (counts[what] === count) report(what);
  };
  sockets = Array.from({ length: count }, (_, n) => startClient(n, order.port, order.marker, reached));
});

function startClient(
  n: number,
  port: number,
  marker: string,
  reached: (what: 'greeted' | 'heard' | 'gone') => void,
): Socket {
  const dialect = dialectNames[n % dialectNames.length] as DialectName;
  const binary = dialect === 'yunque' || dialect === 'cim';
  const frames = new ServerFrames();
  let greeted = false;
  let upgraded = false;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(upgradeRequest(port, paths[dialect]));
  socket.on('data', (bytes: Buffer) => {
    for (const { opcode: code, payload } of frames.take(bytes)) {
      const text = payload.toString('latin1');
      if (code === opcode.close) socket.end();
      else if (code === opcode.ping) socket.write(clientFrame(opcode.pong, payload));
      else if (!greeted && (dialect === 'json' ? text.includes('clientId') : text.includes('client_bind'))) {
        greeted = true;
        reached('greeted');
      } else if (text.includes(marker)) reached('heard');
      else note(`frame ${dialect}: ${text.slice(0, 80)}`);
    }
    if (upgraded || frames.status === 0) return;
    upgraded = true;
    if (frames.status !== 101) note(`status ${frames.status}`);
    else if (dialect !== 'json') {
      const bind = writeRequest(dialect, 'client_bind', { uid: `u${n}`, channel: 'web', deviceId: `d${n}` });
      socket.write(clientFrame(binary ? opcode.binary : opcode.text, bind));
    }
  });
  socket.on('error', (error: NodeJS.ErrnoException) => note(`error ${error.code}`));
  socket.on('close', () => {
    if (!leaving) note('closed by the server');
    reached('gone');
  });
  return socket;
}

function note(what: string): void {
  unexpected[what] = (unexpected[what] ?? 0) + 1;
}
