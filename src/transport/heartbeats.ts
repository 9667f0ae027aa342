import type { Dialect } from '../api/dialect.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { TimingWheel, WheelItem } from '../util/timing-wheel.ts';

export interface HeartbeatSettings {
  /** `json`: a ping every `pingIntervalMs`, and `timeoutMs` for anything to come back. */
  readonly json: { readonly pingIntervalMs: number; readonly timeoutMs: number };
  /** The others: a PING after `pingAfterMs` of inbound silence, the end after `timeoutMs` of it. */
  readonly protobuf: { readonly pingAfterMs: number; readonly timeoutMs: number };
  readonly bindTimeoutMs: number;
}

/** What is watched of a connection. Both ticks are kept here and belong to the heartbeats; `onDue` has to call `Heartbeats.check`. */
export interface Watched extends WheelItem {
  readonly dialect: Dialect;
  lastInboundTick: number;
  /** -1: no ping is waiting for its answer; -2: it has still to bind. */
  pingTick: number;
  writeControl(frame: Buffer): void;
  close(error: ErrorCode): void;
}

const noPing = -1;
const unbound = -2;

/**
 * Finds connections that have gone silent, and those that never bind. Silence is counted in ticks this process really
 * took: after a pause nobody is closed for our own lateness. A connection waits on the wheel for one of these at a time.
 */
export class Heartbeats {
  readonly #settings: HeartbeatSettings;
  readonly #pingFrames: Readonly<Record<Dialect, Buffer>>;
  readonly #wheel: TimingWheel;

  /** `pingFrames`: the whole heartbeat frame of each dialect. */
  constructor(settings: HeartbeatSettings, pingFrames: Readonly<Record<Dialect, Buffer>>, wheel: TimingWheel) {
    this.#settings = settings;
    this.#pingFrames = pingFrames;
    this.#wheel = wheel;
  }

  /** Milliseconds since that tick. */
  msSince(tick: number): number {
    return (this.#wheel.now - tick) * this.#wheel.tickMs;
  }

  /** Gives the connection its time to bind. */
  expectBind(connection: Watched): void {
    connection.lastInboundTick = this.#wheel.now;
    connection.pingTick = unbound;
    this.#wheel.schedule(connection, this.#wheel.toTicks(this.#settings.bindTimeoutMs));
  }

  /** Starts watching a connection that is in use. */
  watch(connection: Watched): void {
    const { json, protobuf } = this.#settings;
    connection.lastInboundTick = this.#wheel.now;
    connection.pingTick = noPing;
    const first = connection.dialect === 'json' ? json.pingIntervalMs : protobuf.pingAfterMs;
    this.#wheel.schedule(connection, this.#wheel.toTicks(first));
  }

  /** A frame came in. */
  touch(connection: Watched): void {
    connection.lastInboundTick = this.#wheel.now;
  }

  forget(connection: Watched): void {
    this.#wheel.cancel(connection);
  }

  /** The wheel says that it is due. */
  check(connection: Watched): void {
    if (connection.pingTick === unbound) connection.close('stale');
    else if (connection.dialect === 'json') this.#checkJson(connection);
    else this.#checkProtobuf(connection);
  }

  #checkJson(connection: Watched): void {
    const { pingIntervalMs, timeoutMs } = this.#settings.json;
    if (connection.pingTick < 0) {
      this.#ping(connection);
      this.#wheel.schedule(connection, this.#wheel.toTicks(timeoutMs));
    } else if (connection.lastInboundTick < connection.pingTick) {
      connection.close('no_pong');
    } else {
      connection.pingTick = noPing;
      this.#wheel.schedule(connection, this.#wheel.toTicks(pingIntervalMs - timeoutMs));
    }
  }

  #checkProtobuf(connection: Watched): void {
    const pingAfter = this.#wheel.toTicks(this.#settings.protobuf.pingAfterMs);
    const timeout = this.#wheel.toTicks(this.#settings.protobuf.timeoutMs);
    const silent = this.#wheel.now - connection.lastInboundTick;
    if (silent >= timeout) {
      connection.close('no_pong');
    } else if (silent >= pingAfter) {
      this.#ping(connection);
      this.#wheel.schedule(connection, timeout - silent);
    } else {
      this.#wheel.schedule(connection, pingAfter - silent);
    }
  }

  #ping(connection: Watched): void {
    connection.pingTick = this.#wheel.now;
    connection.writeControl(this.#pingFrames[connection.dialect]);
  }
}
