import { setTimeout as delay } from 'node:timers/promises';
import { maskedFrame } from '../../../src/load/client-frames.ts';
import { createClock } from '../../../src/load/clock.ts';
import type { Histogram } from '../../../src/load/histogram.ts';
import { openReceivers, type Receivers } from '../../../src/load/receivers.ts';

const usualPatienceMs = 10_000;
/** How often it is looked whether all has come: a look costs the load some microseconds. */
const lookMs = 1;

export interface ClientsOptions {
  readonly port: number;
  readonly path: string;
  /** What each says after the upgrade, as a text frame. */
  readonly hello?: string | undefined;
  /** In the first frame of a server that names its clients: their ids begin right behind it. */
  readonly idBehind?: string | undefined;
  /** Begins every mark of this run (`createMagic`). */
  readonly magic: string;
  readonly members: number;
  /** Clients that must see nothing. */
  readonly strangers: number;
  /** Deliveries are given up where nothing has come for so long. */
  readonly patienceMs?: number | undefined;
  /** Streams; in each of them messages keep their order. */
  readonly lanes?: number | undefined;
}

/** Many clients in a thread of the load engine; every message they get is verified, and timed from when it was meant to be sent. */
export class Clients implements AsyncDisposable {
  readonly clock = createClock();
  readonly epochMs = this.clock();
  readonly magic: string;
  readonly members: number;
  /** Of the members, where the server names its clients. */
  ids: readonly string[] = [];
  readonly #patienceMs: number;
  readonly #receivers: Receivers;
  /** Messages of each stream that were sent so far. */
  readonly #sent: Uint32Array;
  #receivedBefore = 0;
  #bytesBefore = 0;

  constructor({ port, path, hello, idBehind, magic, members, strangers, ...rest }: ClientsOptions) {
    const { patienceMs = usualPatienceMs, lanes = 1 } = rest;
    this.#patienceMs = patienceMs;
    this.magic = magic;
    this.members = members;
    this.#sent = new Uint32Array(lanes);
    const said = hello === undefined ? undefined : maskedFrame(Buffer.from(hello), 1);
    const client = (target: number) => ({ path, target, ...(said && { hello: said }) });
    this.#receivers = openReceivers({
      endpoint: { host: '127.0.0.1', port },
      clients: [
        ...Array.from({ length: members }, () => client(0)),
        ...Array.from({ length: strangers }, () => client(-1)),
      ],
      wire: idBehind === undefined ? {} : { ready: idBehind, readsId: true },
      // One is enough for what a core of a server sends, and two would have to share the one core that a small machine has left.
      threads: 1,
      pace: { concurrency: 100 },
      magic,
      lanes,
      epochMs: this.epochMs,
      timeoutMs: 30_000,
    });
  }

  /** Throws where not all can connect. */
  async opened(): Promise<void> {
    const { ids, failures } = await Promise.race([this.#receivers.opened, this.#receivers.failed]);
    if (failures.size > 0) throw new Error([...failures].map(([reason, count]) => `${count} × ${reason}`).join('; '));
    this.ids = ids.slice(0, this.members);
  }

  /** What is measured begins here. */
  async begin(): Promise<void> {
    const { received, bytes } = this.#receivers.counts();
    this.#receivedBefore = received;
    this.#bytesBefore = bytes;
    await this.#receivers.mark();
  }

  get microsNow(): number {
    return Math.round((this.clock() - this.epochMs) * 1000);
  }

  /** Takes note of `count` further messages to all members, and answers the number of the first. */
  announce(count: number, lane = 0): number {
    const first = this.#sent[lane] ?? 0;
    this.#sent[lane] = first + count;
    return first;
  }

  /** As another sender counts its own streams, all of them. */
  announceAll(counts: Uint32Array): void {
    this.#sent.set(counts);
  }

  /** Resolves when so many deliveries have come since `begin`. Rejects where they stay away: something was lost. */
  async received(deliveries: number): Promise<void> {
    let seen = -1;
    let seenAt = this.clock();
    for (;;) {
      const received = this.#receivers.counts().received - this.#receivedBefore;
      if (received >= deliveries) return;
      if (received > seen) {
        seen = received;
        seenAt = this.clock();
      } else if (this.clock() - seenAt > this.#patienceMs)
        throw new Error(`${deliveries - received} deliveries are missing`);
      await Promise.race([delay(lookMs), this.#receivers.failed]);
    }
  }

  /** Throws unless all that was announced has come to every member, once, in order, and to nobody else. */
  async verify(): Promise<void> {
    const { duplicated, outOfOrder, misdelivered, closed } = this.#receivers.counts();
    const { lost, closes } = await this.#receivers.judge({ counts: this.#sent, uncertain: new Map() });
    const wrong = { lost, duplicated, outOfOrder, misdelivered, closed };
    const faults = Object.entries(wrong).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
    if (faults.length > 0) throw new Error(`${faults.join(', ')}${closes.size > 0 ? ` (${[...closes.keys()]})` : ''}`);
  }

  /** Microseconds, since `begin`. */
  latencies(): Histogram {
    return this.#receivers.latencies();
  }

  /** Bytes on the wire for each delivery since `begin`, head included. */
  bytesPerDelivery(): number {
    const { received, bytes } = this.#receivers.counts();
    return (bytes - this.#bytesBefore) / (received - this.#receivedBefore);
  }

  /** Of the thread since `begin`: the processor it had, and the share of the time it was not waiting for anything to come. */
  async load(): Promise<{ readonly cpuSeconds: number; readonly busyShare: number }> {
    const loads = await this.#receivers.loads();
    return {
      cpuSeconds: loads.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      busyShare: Math.max(...loads.map(({ utilization }) => utilization)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receivers[Symbol.asyncDispose]();
  }
}
