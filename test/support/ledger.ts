import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Receipt } from '../../src/api/receipt.ts';
import type { ClusterProcess } from './cluster-process.ts';
import type { WsClient } from './ws-clients.ts';
import type { Fields } from './ws-decode.ts';

/** A stream of messages: to a user, a group or a system, as one publisher sends them one after the other. */
export interface Stream {
  /** Of the publishing node, and of this stream. */
  readonly from: ClusterProcess;
  /** Absent: `default`. */
  readonly system?: string;
  readonly to: { readonly user: string } | { readonly group: string } | { readonly everyone: true };
}

export interface Device {
  readonly name: string;
  readonly client: WsClient;
  readonly node: ClusterProcess;
  /** What it is to get: names of streams. */
  readonly streams: readonly string[];
}

interface Entry {
  readonly stream: string;
  readonly number: number;
  readonly sentAt: number;
  /** When the receipt, or the failure, was there. */
  answeredAt?: number;
  /** Undefined: refused, or nobody answered. */
  receipt?: Receipt;
  failure?: string;
}

interface Owed {
  /** What was sent before is not owed to it. */
  readonly since: number;
  /** What was answered later is not owed to it. */
  until: number;
  /** Its connection is expected to end: its node goes or has died, or it was displaced. What it has got is judged all the same. */
  mayEnd: boolean;
  /** From and to: nothing is owed in between. */
  readonly pauses: [number, number][];
}

/** What was published and what was promised of it; the judge of FAULTS.md's invariant. */
export class Ledger {
  readonly #streams = new Map<string, Stream>();
  readonly #numbers = new Map<string, number>();
  readonly entries: Entry[] = [];
  readonly #devices = new Map<Device, Owed>();
  #isOver = false;
  readonly #running: Promise<void>[] = [];

  addStream(name: string, stream: Stream): void {
    this.#streams.set(name, stream);
  }

  /** From now on it is owed all messages of its streams; without `isOwed` it may get them, until `owes` is called. */
  addDevice(device: Device, isOwed = true): void {
    const since = isOwed ? performance.now() : Number.POSITIVE_INFINITY;
    this.#devices.set(device, { since, until: Number.POSITIVE_INFINITY, mayEnd: !isOwed, pauses: [] });
  }

  owes(device: Device): void {
    const { until = Number.POSITIVE_INFINITY, pauses = [] } = this.#devices.get(device) ?? {};
    this.#devices.set(device, { since: performance.now(), until, mayEnd: until !== Number.POSITIVE_INFINITY, pauses });
  }

  /** Its connection may end from now on, and nothing is owed to it any more, not even what was answered before. */
  leaves(device: Device): void {
    this.#ends(device, Number.NEGATIVE_INFINITY);
  }

  /** Its connection may end from now on; what was answered before is owed to it all the same. */
  isToLeave(device: Device): void {
    this.#ends(device, performance.now());
  }

  #ends(device: Device, until: number): void {
    const owed = this.#devices.get(device);
    if (owed === undefined) return;
    owed.mayEnd = true;
    owed.until = Math.min(owed.until, until);
  }

  /** The sockets of its clients take with them what the kernel had. Those that come after its next start are owed all again. */
  hasDied(node: ClusterProcess): void {
    for (const device of this.devicesOf(node)) this.leaves(device);
  }

  /** Its clients are owed nothing until it resumes: it stands still. What they get is judged all the same. */
  pauses(node: ClusterProcess): void {
    for (const device of this.devicesOf(node)) {
      this.#devices.get(device)?.pauses.push([performance.now(), Number.POSITIVE_INFINITY]);
    }
  }

  resumes(node: ClusterProcess): void {
    for (const device of this.devicesOf(node)) {
      const pause = this.#devices.get(device)?.pauses.at(-1);
      if (pause !== undefined) pause[1] = performance.now();
    }
  }

  /** Those to whom messages are owed. */
  get devices(): readonly Device[] {
    return [...this.#devices].flatMap(([device, { mayEnd }]) => (mayEnd ? [] : [device]));
  }

  devicesOf(node: ClusterProcess): readonly Device[] {
    return this.devices.filter((device) => device.node === node);
  }

  get acknowledged(): number {
    return this.entries.filter(({ receipt }) => receipt !== undefined).length;
  }

  get refused(): readonly string[] {
    return this.entries.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  }

  /** Messages whose receipts name a node that did not answer. */
  get doubtful(): number {
    return this.entries.filter(({ receipt }) => (receipt?.missingNodes.length ?? 0) > 0).length;
  }

  /** What was published from `since` on, by `performance.now()`, and has been answered or refused. */
  entriesSince(since: number, stream?: string): readonly Entry[] {
    return this.entries.filter((entry) => {
      if (entry.receipt === undefined && entry.failure === undefined) return false;
      return entry.sentAt >= since && (stream === undefined || entry.stream === stream);
    });
  }

  /** Publishes on all streams, one message after the other on each, `everyMs` after the answer, until `stop`. */
  start(everyMs = 25): void {
    this.#isOver = false;
    for (const name of this.#streams.keys()) this.#running.push(this.#run(name, everyMs));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running.splice(0));
  }

  /** One more on each stream: what must reach each of its devices, and nobody else, when all is well again. */
  async publishLast(): Promise<void> {
    for (const name of this.#streams.keys()) {
      const { receipt, failure } = await this.publish(name);
      assert.ok(receipt, `${name}: ${failure}`);
      const there = this.devices.filter(({ streams }) => streams.includes(name)).length;
      const { matched, delivered, missingNodes } = receipt;
      assert.deepEqual(
        { matched, delivered, missingNodes },
        { matched: there, delivered: there, missingNodes: [] },
        name,
      );
    }
  }

  async publish(name: string): Promise<Entry> {
    const stream = this.#streams.get(name);
    assert.ok(stream, `no stream ${name}`);
    const number = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, number);
    const entry: Entry = { stream: name, number, sentAt: performance.now() };
    this.entries.push(entry);
    try {
      const { system } = stream;
      const body = {
        ...(system !== undefined && { system }),
        target: targetOf(stream),
        push: { msg: `${name} ${number}` },
      };
      entry.receipt = await stream.from.admin.send(body);
    } catch (error) {
      entry.failure = (error as Error).message;
    }
    entry.answeredAt = performance.now();
    return entry;
  }

  /** What each device got, by stream, in the order of arrival. */
  received({ client }: Device): ReadonlyMap<string, readonly number[]> {
    const got = new Map<string, number[]>();
    for (const body of client.messages) {
      const [, stream, number] = /^(\S+) (\d+)$/.exec(textIn(body)) ?? [];
      if (stream === undefined) continue;
      const numbers = got.get(stream);
      if (numbers === undefined) got.set(stream, [Number(number)]);
      else numbers.push(Number(number));
    }
    return got;
  }

  /** Waits until what came last has come everywhere, so that `judge` sees all there is to see. */
  async whenArrived(patienceMs = 10_000): Promise<void> {
    const end = performance.now() + patienceMs;
    const isThere = (device: Device) => {
      const got = this.received(device);
      return device.streams.every((name) => got.get(name)?.at(-1) === this.#numbers.get(name));
    };
    while (!this.devices.every(isThere)) {
      if (performance.now() > end) return;
      await delay(50);
    }
  }

  /**
   * Throws for each promise that was broken: a message came twice, out of the order of its stream, to somebody it was not for, to somebody who
   * came after it was answered; or did not come to a device whose node is named in no receipt as missing; or a connection ended that had no reason to.
   */
  judge(): void {
    const broken: string[] = [];
    for (const [device, { since, until, mayEnd, pauses }] of this.#devices) {
      const { name, client, node, streams } = device;
      const got = this.received(device);
      for (const [stream, numbers] of got) {
        if (!streams.includes(stream)) broken.push(`${name} got ${stream}, which is not for it`);
        const answered = this.#answeredBefore(stream, client.openedAt);
        broken.push(
          ...numbers
            .filter((n) => answered.has(n))
            .map((n) => `${name} got ${stream} ${n}, which was over before it came`),
        );
        broken.push(...disorderIn(numbers).map((words) => `${name} got ${stream} ${words}`));
      }
      if (until < since || since === Number.POSITIVE_INFINITY) continue;
      if (!mayEnd && client.ended !== undefined) broken.push(`${name} was closed: ${JSON.stringify(client.ended)}`);
      const arrived = new Map([...got].map(([stream, numbers]) => [stream, new Set(numbers)]));
      for (const { stream, number, sentAt, answeredAt, receipt } of this.entries) {
        if (receipt === undefined || sentAt < since || !streams.includes(stream)) continue;
        if (pauses.some(([from, to]) => sentAt >= from && sentAt <= to)) continue;
        // What came after it shows that the connection stood.
        if ((answeredAt ?? Number.POSITIVE_INFINITY) > until && number > (got.get(stream)?.at(-1) ?? 0)) continue;
        if (receipt.missingNodes.includes(node.id) || arrived.get(stream)?.has(number)) continue;
        broken.push(`${name} did not get ${stream} ${number}: ${JSON.stringify(receipt)}`);
      }
    }
    assert.deepEqual(broken.slice(0, 10), [], `${broken.length} promises were broken`);
  }

  #answeredBefore(stream: string, at: number): ReadonlySet<number> {
    const over = this.entries.filter((entry) => entry.stream === stream && (entry.answeredAt ?? Number.NaN) < at);
    return new Set(over.map(({ number }) => number));
  }

  /**
   * For where no node dies: throws for each message that fewer got than its receipt says, all devices counted that there ever were. Who
   * came into a group in that moment may have got it uncounted.
   */
  judgeCounts(): void {
    const got = new Map<string, number>();
    for (const device of this.#devices.keys()) {
      for (const [stream, numbers] of this.received(device)) {
        for (const number of numbers) got.set(`${stream} ${number}`, (got.get(`${stream} ${number}`) ?? 0) + 1);
      }
    }
    const broken = this.entries.flatMap(({ stream, number, receipt }) => {
      const there = got.get(`${stream} ${number}`) ?? 0;
      if (receipt === undefined || receipt.delivered <= there) return [];
      return [`${stream} ${number} came to ${there}: ${JSON.stringify(receipt)}`];
    });
    assert.deepEqual(broken.slice(0, 10), [], `${broken.length} receipts are wrong`);
  }

  /** In words: what came twice or out of order to somebody who had these connections, one after the other. */
  disorderOver(devices: readonly Device[]): readonly string[] {
    const all = new Map<string, number[]>();
    for (const device of devices) {
      for (const [stream, numbers] of this.received(device)) all.set(stream, [...(all.get(stream) ?? []), ...numbers]);
    }
    return [...all].flatMap(([stream, numbers]) => disorderIn(numbers).map((words) => `${stream} ${words}`));
  }

  async #run(name: string, everyMs: number): Promise<void> {
    while (!this.#isOver) {
      await this.publish(name);
      await delay(everyMs);
    }
  }
}

/** Of numbers that should only rise: each that does not. */
function disorderIn(numbers: readonly number[]): string[] {
  const seen = new Set<number>();
  let highest = 0;
  return numbers.flatMap((number) => {
    const isTwice = seen.has(number);
    seen.add(number);
    if (isTwice) return [`${number} twice`];
    if (number < highest) return [`${number} after ${highest}`];
    highest = number;
    return [];
  });
}

/** The `msg` of a push, as each dialect has it. */
function textIn({ msg, content }: Fields): string {
  if (typeof msg === 'string') return msg;
  if (typeof content === 'string') return /"msg":"([^"]*)"/.exec(content)?.[1] ?? '';
  return (content as { readonly msg?: string } | undefined)?.msg ?? '';
}

function targetOf({ to }: Stream) {
  if ('user' in to) return { to: 'users', uids: [to.user] } as const;
  return 'group' in to ? ({ to: 'groups', groups: [to.group] } as const) : ({ to: 'system' } as const);
}
