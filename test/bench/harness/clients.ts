import { setTimeout as delay } from 'node:timers/promises';
import { maskedFrame } from '../../../src/load/client-frames.ts';
import { createClock } from '../../../src/load/clock.ts';
import { Histogram } from '../../../src/load/histogram.ts';
import { openReceivers, type Receivers } from '../../../src/load/receivers.ts';
import type { CounterName } from '../../../src/load/thread-protocol.ts';

const usualPatienceMs = 10_000;
/** How often it is looked whether all has come: a look costs the load some microseconds. */
const lookMs = 1;

export interface ClientsOptions {
  /** Of each server: all its clients are there, the members and the strangers. */
  readonly ports: readonly number[];
  readonly path: string;
  /** What each says after the upgrade, as a text frame. */
  readonly hello?: string | undefined;
  /** In the first frame of a server that names its clients: their ids begin right behind it. */
  readonly idBehind?: string | undefined;
  /** Begins every mark of this run (`createMagic`). */
  readonly magic: string;
  /** At each server. */
  readonly members: number;
  /** At each server, clients that must see nothing. */
  readonly strangers: number;
  /** Deliveries are given up where nothing has come for so long. */
  readonly patienceMs?: number | undefined;
  /** Streams; in each of them messages keep their order. */
  readonly lanes?: number | undefined;
}

/** Many clients of one server or several, in a thread of the load engine for each; every message they get is verified, and timed from when it was meant to be sent. */
export class Clients implements AsyncDisposable {
  readonly clock = createClock();
  readonly epochMs = this.clock();
  readonly magic: string;
  /** At all servers together. */
  readonly members: number;
  /** Of the members, where the server names its clients. */
  ids: readonly string[] = [];
  readonly #patienceMs: number;
  /** Of each server. */
  readonly #receivers: readonly Receivers[];
  readonly #membersEach: number;
  /** Messages of each stream that were sent so far. */
  readonly #sent: Uint32Array;
  #receivedBefore = 0;
  #bytesBefore = 0;

  constructor({ ports, path, hello, idBehind, magic, members, strangers, ...rest }: ClientsOptions) {
    const { patienceMs = usualPatienceMs, lanes = 1 } = rest;
    this.#patienceMs = patienceMs;
    this.magic = magic;
    this.members = members * ports.length;
    this.#membersEach = members;
    this.#sent = new Uint32Array(lanes);
    const said = hello === undefined ? undefined : maskedFrame(Buffer.from(hello), 1);
    const client = (target: number) => ({ path, target, ...(said && { hello: said }) });
    this.#receivers = ports.map((port) =>
      openReceivers({
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
      }),
    );
  }

  /** Throws where not all can connect. */
  async opened(): Promise<void> {
    const all = await Promise.all(
      this.#receivers.map(async (receivers) => {
        const { ids, failures } = await Promise.race([receivers.opened, receivers.failed]);
        if (failures.size > 0) throw new Error([...failures].map(([why, count]) => `${count} × ${why}`).join('; '));
        return ids.slice(0, this.#membersEach);
      }),
    );
    this.ids = all.flat();
  }

  /** What is measured begins here. */
  async begin(): Promise<void> {
    this.#receivedBefore = this.#count('received');
    this.#bytesBefore = this.#count('bytes');
    await Promise.all(this.#receivers.map((receivers) => receivers.mark()));
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
      const received = this.#count('received') - this.#receivedBefore;
      if (received >= deliveries) return;
      if (received > seen) {
        seen = received;
        seenAt = this.clock();
      } else if (this.clock() - seenAt > this.#patienceMs)
        throw new Error(`${deliveries - received} deliveries are missing`);
      await Promise.race([delay(lookMs), ...this.#receivers.map(({ failed }) => failed)]);
    }
  }

  /** Throws unless all that was announced has come to every member, once, in order, and to nobody else. */
  async verify(): Promise<void> {
    const sent = { counts: this.#sent, uncertain: new Map() };
    const verdicts = await Promise.all(this.#receivers.map((receivers) => receivers.judge(sent)));
    const closes = new Set(verdicts.flatMap((verdict) => [...verdict.closes.keys()]));
    const wrong = {
      lost: verdicts.reduce((sum, { lost }) => sum + lost, 0),
      duplicated: this.#count('duplicated'),
      outOfOrder: this.#count('outOfOrder'),
      misdelivered: this.#count('misdelivered'),
      closed: this.#count('closed'),
    };
    const faults = Object.entries(wrong).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
    if (faults.length > 0) throw new Error(`${faults.join(', ')}${closes.size > 0 ? ` (${[...closes]})` : ''}`);
  }

  /** Microseconds, since `begin`. */
  latencies(): Histogram {
    const all = new Histogram();
    for (const receivers of this.#receivers) all.add(receivers.latencies());
    return all;
  }

  /** Bytes on the wire for each delivery since `begin`, head included. */
  bytesPerDelivery(): number {
    return (this.#count('bytes') - this.#bytesBefore) / (this.#count('received') - this.#receivedBefore);
  }

  /** Of the threads since `begin`: the processor they had, and the greatest share of the time it was not waiting for anything to come. */
  async load(): Promise<{ readonly cpuSeconds: number; readonly busyShare: number }> {
    const loads = (await Promise.all(this.#receivers.map((receivers) => receivers.loads()))).flat();
    return {
      cpuSeconds: loads.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      busyShare: Math.max(...loads.map(({ utilization }) => utilization)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#receivers.map((receivers) => receivers[Symbol.asyncDispose]()));
  }

  #count(name: CounterName): number {
    return this.#receivers.reduce((sum, receivers) => sum + receivers.counts()[name], 0);
  }
}
