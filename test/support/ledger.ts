import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Receipt } from '../../src/api/receipt.ts';
import type { ClusterProcess } from './cluster-process.ts';
import type { WsClient } from './ws-clients.ts';

/** A stream of messages: to a user, a group or a system, as one publisher sends them one after the other. */
export interface Stream {
  /** Of the publishing node, and of this stream. */
  readonly from: ClusterProcess;
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
  /** Undefined: refused, or nobody answered. */
  receipt?: Receipt;
  failure?: string;
}

/** What was published and what was promised of it; the judge of FAULTS.md's invariant. */
export class Ledger {
  readonly #streams = new Map<string, Stream>();
  readonly #numbers = new Map<string, number>();
  readonly entries: Entry[] = [];
  readonly #devices: Device[] = [];
  /** Nodes that died, whose sockets took with them what the kernel had. */
  readonly #died = new Set<ClusterProcess>();
  #isOver = false;
  readonly #running: Promise<void>[] = [];

  addStream(name: string, stream: Stream): void {
    this.#streams.set(name, stream);
  }

  addDevice(device: Device): void {
    this.#devices.push(device);
  }

  /** Its clients count no more, and what it was asked to publish at that time is in doubt. */
  hasDied(node: ClusterProcess): void {
    this.#died.add(node);
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

  /** Publishes on all streams, one message after the other on each, every `everyMs`, until `stop`. */
  start(everyMs = 5): void {
    for (const name of this.#streams.keys()) this.#running.push(this.#run(name, everyMs));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
  }

  /** One more on each stream: what must arrive when all is well again. */
  async publishLast(): Promise<void> {
    for (const name of this.#streams.keys()) {
      const entry = await this.publish(name);
      assert.ok(entry.receipt, `${name}: ${entry.failure}`);
      assert.deepEqual(entry.receipt.missingNodes, [], name);
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
      const body = { target: targetOf(stream), push: { msg: `${name} ${number}` } };
      entry.receipt = await stream.from.admin.send(body);
    } catch (error) {
      entry.failure = (error as Error).message;
    }
    return entry;
  }

  /** What each device got, by stream, in the order of arrival. */
  received(device: Device): Map<string, number[]> {
    const got = new Map<string, number[]>();
    for (const { msg, content } of device.client.messages) {
      const text = typeof msg === 'string' ? msg : (content as { msg?: string } | undefined)?.msg;
      const [, stream, number] = /^(\S+) (\d+)$/.exec(text ?? '') ?? [];
      if (stream === undefined) continue;
      const numbers = got.get(stream) ?? [];
      got.set(stream, [...numbers, Number(number)]);
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
    while (!this.#alive().every(isThere)) {
      if (performance.now() > end) return;
      await delay(20);
    }
  }

  /**
   * Throws for each promise that was broken: a message came twice, out of the order of its stream, to somebody it was not for; or did not
   * come to a device whose node is named in no receipt as missing.
   */
  judge(): void {
    const broken: string[] = [];
    for (const device of this.#alive()) {
      const got = this.received(device);
      for (const [stream, numbers] of got) {
        if (!device.streams.includes(stream)) broken.push(`${device.name} got ${stream}, which is not for it`);
        for (const [at, number] of numbers.entries()) {
          const before = numbers[at - 1] ?? 0;
          if (number === before) broken.push(`${device.name} got ${stream} ${number} twice`);
          else if (number < before) broken.push(`${device.name} got ${stream} ${number} after ${before}`);
        }
      }
      for (const { stream, number, receipt } of this.entries) {
        if (receipt === undefined || !device.streams.includes(stream)) continue;
        if (receipt.missingNodes.includes(device.node.id)) continue;
        if (!new Set(got.get(stream)).has(number)) {
          broken.push(`${device.name} did not get ${stream} ${number}: ${JSON.stringify(receipt)}`);
        }
      }
    }
    assert.deepEqual(broken.slice(0, 10), [], `${broken.length} promises were broken`);
  }

  #alive(): Device[] {
    return this.#devices.filter(({ node, client }) => !this.#died.has(node) && client.ended === undefined);
  }

  async #run(name: string, everyMs: number): Promise<void> {
    while (!this.#isOver) {
      await this.publish(name);
      await delay(everyMs);
    }
  }
}

function targetOf({ to }: Stream) {
  if ('user' in to) return { to: 'users', uids: [to.user] } as const;
  return 'group' in to ? ({ to: 'groups', groups: [to.group] } as const) : ({ to: 'system' } as const);
}
