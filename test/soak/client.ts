import { connect, type Socket } from 'node:net';
import { pick } from '../support/random.ts';
import { clientFrame, opcode, type ServerFrame, ServerFrames, upgradeRequest } from '../support/raw-frames.ts';
import { paths } from '../support/ws-clients.ts';
import { writePong, writeRequest } from '../support/ws-decode.ts';
import { expectedCloses, type Role } from './client-kind.ts';

/** What the clients of one process have seen together. */
export interface Tally {
  connects: number;
  greeted: number;
  heard: number;
  /** Broadcasts that were missing, doubled or out of order. */
  gaps: number;
  readonly closes: Record<string, number>;
  readonly unexpected: Record<string, number>;
}

export interface ClientContext {
  readonly port: number;
  readonly random: () => number;
  readonly lifeMs: readonly [least: number, most: number];
  readonly tally: Tally;
  /** The next source address: one alone has too few ports. */
  readonly nextAddress: () => string;
  /** No more lives are begun, and none is ended by choice. */
  isCalm: boolean;
  isOver: boolean;
}

const broadcast = /soak-(\d+)-/;
const greetingMs = 20_000;

/** One place in the crowd: connects, lives, leaves and comes back, until it is over. */
export class SoakClient {
  readonly #context: ClientContext;
  readonly #role: Role;
  #socket: Socket | undefined;
  #frames = new ServerFrames();
  #timer: NodeJS.Timeout | undefined;
  #isUpgraded = false;
  #isGreeted = false;
  /** This side ends it: whatever the end looks like is right. */
  #isLeaving = false;
  #closeCode = 1006;
  /** The number of the last broadcast; -1: none in this life. */
  last = -1;

  constructor(context: ClientContext, role: Role) {
    this.#context = context;
    this.#role = role;
  }

  /** Here and to be counted on: it must hear everything. */
  get isSteady(): boolean {
    return this.#isGreeted && !this.#isLeaving && this.#socket !== undefined && this.#role.kind === 'plain';
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  start(afterMs: number): void {
    this.#timer = setTimeout(() => this.#connect(), afterMs);
  }

  leave(): void {
    clearTimeout(this.#timer);
    if (this.#socket === undefined) return;
    this.#isLeaving = true;
    this.#socket.resume();
    if (this.#isUpgraded) this.#send(opcode.close, Buffer.from([0x03, 0xe8]));
    else this.#socket.destroy();
  }

  #connect(): void {
    const { port, nextAddress, tally } = this.#context;
    tally.connects += 1;
    this.#frames = new ServerFrames();
    [this.#isUpgraded, this.#isGreeted, this.#isLeaving, this.#closeCode, this.last] = [false, false, false, 1006, -1];
    const socket = connect({ port, host: '127.0.0.1', localAddress: nextAddress(), noDelay: true });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#isLeaving && error.code !== 'ECONNRESET' && error.code !== 'EPIPE') this.#note(`error ${error.code}`);
    });
    socket.on('close', () => this.#onGone());
    const upgrade = upgradeRequest(port, paths[this.#role.dialect]);
    if (this.#role.kind === 'hasty' && pick(this.#context.random, 2) === 0) {
      socket.write(upgrade.slice(0, pick(this.#context.random, upgrade.length)));
      this.#vanishSoon();
      return;
    }
    socket.write(upgrade);
    if (this.#role.kind !== 'mute') this.#timer = setTimeout(() => this.#note('no greeting'), greetingMs);
  }

  #onData(bytes: Buffer): void {
    for (const frame of this.#frames.take(bytes)) this.#onFrame(frame);
    if (this.#isUpgraded || this.#frames.status === 0) return;
    this.#isUpgraded = true;
    if (this.#frames.status !== 101) return void this.#note(`status ${this.#frames.status}`);
    const { dialect, uid, deviceId, kind } = this.#role;
    if (uid === '' || kind === 'mute') return;
    const channel = kind === 'twin' ? 'android' : 'web';
    this.#sendPayload(writeRequest(dialect, 'client_bind', { uid, deviceId, channel }));
  }

  #onFrame({ opcode: code, payload }: ServerFrame): void {
    const { dialect } = this.#role;
    if (code === opcode.close) {
      this.#closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      if (!this.#isLeaving) this.#send(opcode.close, payload.subarray(0, 2));
      this.#socket?.end();
      return;
    }
    if (code === opcode.ping) return void this.#send(opcode.pong, payload);
    const text = payload.toString('latin1');
    if (dialect !== 'json' && (payload[0] === 1 || text === '{"type":1}'))
      return void this.#sendPayload(writePong(dialect));
    if (!this.#isGreeted && text.includes(dialect === 'json' ? 'clientId' : 'client_bind'))
      return void this.#onGreeted();
    this.#context.tally.heard += 1;
    const number = broadcast.exec(text)?.[1];
    if (number === undefined) return;
    if (this.last >= 0 && Number(number) !== this.last + 1) this.#context.tally.gaps += 1;
    this.last = Number(number);
  }

  #onGreeted(): void {
    const { tally, random, lifeMs, isCalm } = this.#context;
    this.#isGreeted = true;
    tally.greeted += 1;
    clearTimeout(this.#timer);
    if (isCalm) return;
    if (this.#role.kind === 'hasty') {
      this.#socket?.write(Buffer.from([0x82, 0xfe, 0x10]));
      this.#vanishSoon();
      return;
    }
    const [least, most] = lifeMs;
    this.#timer = setTimeout(() => this.#endLife(), least + random() * (most - least));
  }

  #endLife(): void {
    const { random, isCalm } = this.#context;
    if (isCalm) return;
    if (this.#role.kind === 'slow' && this.#socket?.isPaused() === false) {
      this.#socket.pause();
      this.#timer = setTimeout(() => this.#socket?.resume(), 2000 + pick(random, 20_000));
      return;
    }
    const way = random();
    if (way < 0.5) {
      this.leave();
      return;
    }
    this.#isLeaving = true;
    if (way < 0.8) this.#socket?.resetAndDestroy();
    else this.#socket?.end();
  }

  #vanishSoon(): void {
    this.#isLeaving = true;
    this.#timer = setTimeout(() => this.#socket?.resetAndDestroy(), pick(this.#context.random, 500));
  }

  #onGone(): void {
    const { tally, random, isOver } = this.#context;
    clearTimeout(this.#timer);
    this.#socket = undefined;
    if (!this.#isLeaving) {
      tally.closes[this.#closeCode] = (tally.closes[this.#closeCode] ?? 0) + 1;
      const { kind, dialect } = this.#role;
      if (!expectedCloses[kind].includes(this.#closeCode)) this.#note(`${kind} ${dialect} closed ${this.#closeCode}`);
    }
    // Also while it is calm: whoever is displaced or closed meanwhile keeps the crowd whole.
    if (!isOver) this.start(50 + pick(random, 500));
  }

  #sendPayload(payload: Buffer): void {
    const { dialect } = this.#role;
    this.#send(dialect === 'yunque' || dialect === 'cim' ? opcode.binary : opcode.text, payload);
  }

  #send(code: number, payload: Buffer): void {
    this.#socket?.write(clientFrame(code, payload));
  }

  #note(what: string): void {
    const { unexpected } = this.#context.tally;
    unexpected[what] = (unexpected[what] ?? 0) + 1;
  }
}
