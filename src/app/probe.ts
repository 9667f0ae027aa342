import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Execute } from '../api/command.ts';
import { probeSystem } from '../api/system.ts';
import type { Bus } from '../bus/bus.ts';
import { within } from '../util/within.ts';
import { pinnedTo } from './pinned-request.ts';

const secretHeader = 'x-yunque-probe';
const deadlineMs = 2000;

export interface ProbeOptions {
  readonly execute: Execute;
  readonly bus: Bus;
  /** Read before each round. */
  readonly intervalMs: number;
  readonly newMessageId: () => string;
  readonly onChange: (failure: string | undefined) => void;
}

/**
 * Sends a message round the real path, again and again: over the bus, through `execute`, the registry, codec and outbox,
 * out of the listener's socket, and back to a WebSocket client of this process. What came back in time is readiness.
 */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #secret = randomBytes(24).toString('base64url');
  readonly #digest = digestOf(this.#secret);
  #url = '';
  #fingerprint: () => string | undefined = () => undefined;
  #client: WebSocket | undefined;
  #awaited: { nonce: string; arrived: () => void; failed: (error: unknown) => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #isUnderWay = false;
  #hasSettled = false;
  /** How long the last one took; undefined before the first and after a failure. */
  lastMs: number | undefined;
  /** Why the last one failed. */
  failure: string | undefined = 'the first probe is not back yet';

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** The system a request belongs to when it is this probe's own. */
  systemOf(request: IncomingMessage): string | undefined {
    const shown = request.headers[secretHeader];
    return typeof shown === 'string' && timingSafeEqual(digestOf(shown), this.#digest) ? probeSystem : undefined;
  }

  /**
   * Resolves after the first round, well or ill. `url`: a WebSocket path of this node's own listener. `fingerprint`: of the certificate
   * it shows, SHA-256, where the URL is `wss:`.
   */
  async start(url: string, fingerprint = this.#fingerprint): Promise<void> {
    this.#url = url;
    this.#fingerprint = fingerprint;
    await this.#options.bus.start((bytes) => {
      this.#deliver(bytes).catch((error: unknown) => this.#awaited?.failed(error));
    });
    await this.#round();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#client?.terminate();
    await this.#options.bus.close();
  }

  async #round(): Promise<void> {
    const started = performance.now();
    this.#isUnderWay = true;
    try {
      await within(deadlineMs, this.#once());
      this.#settle(Math.round((performance.now() - started) * 100) / 100, undefined);
    } catch (error) {
      this.#client?.terminate();
      this.#client = undefined;
      this.#settle(undefined, `a probe message did not come back: ${(error as Error).message}`);
    }
    this.#isUnderWay = false;
    this.retime();
  }

  /** Waits for the next round as long as the options say now. */
  retime(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#isUnderWay) return;
    this.#timer = setTimeout(() => void this.#round(), this.#options.intervalMs);
  }

  async #once(): Promise<void> {
    if (this.#client === undefined) await this.#connect();
    const nonce = randomBytes(8).toString('hex');
    const arrived = new Promise<void>((resolve, reject) => {
      this.#awaited = { nonce, arrived: resolve, failed: reject };
    });
    await Promise.all([this.#options.bus.broadcast(Buffer.from(nonce)), arrived]);
  }

  async #deliver(bytes: Buffer): Promise<void> {
    const message = {
      kind: 'push',
      messageId: this.#options.newMessageId(),
      sendUserId: '',
      code: 0,
      msg: bytes.toString(),
      data: 'null',
    } as const;
    await this.#options.execute({
      type: 'push',
      door: 'probe',
      system: probeSystem,
      target: { to: 'system' },
      message,
    });
  }

  /** `#client` from the start: a connection that comes too late must still be found and ended. */
  async #connect(): Promise<void> {
    const client = new WebSocket(this.#url, 'yunque.json', {
      headers: { [secretHeader]: this.#secret },
      perMessageDeflate: false,
      ...(this.#url.startsWith('wss:') && pinnedTo(this.#fingerprint)),
    });
    this.#client = client;
    client.on('message', (data) => {
      const { msg } = JSON.parse(data.toString()) as { msg?: unknown };
      if (this.#awaited !== undefined && msg === this.#awaited.nonce) this.#awaited.arrived();
    });
    client.on('close', () => {
      if (this.#client === client) this.#client = undefined;
    });
    // The first frame is the greeting: from then on the connection receives.
    await new Promise<void>((resolve, reject) => {
      client.once('message', () => resolve());
      client.on('error', reject);
      client.once('close', () => reject(new Error('the connection was closed')));
    });
  }

  #settle(lastMs: number | undefined, failure: string | undefined): void {
    const changed = !this.#hasSettled || (this.failure === undefined) !== (failure === undefined);
    this.#hasSettled = true;
    this.lastMs = lastMs;
    this.failure = failure;
    if (changed && !this.#stopped) this.#options.onChange(failure);
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
