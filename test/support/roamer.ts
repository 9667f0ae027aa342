import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterProcess } from './cluster-process.ts';
import type { Device, Ledger } from './ledger.ts';
import type { WsClient } from './ws-clients.ts';

export interface RoamerOptions {
  readonly name: string;
  readonly dialect: 'json' | 'yunque';
  /** That it is put into each time it connects. */
  readonly group: string;
  readonly streams: readonly string[];
  readonly ledger: Ledger;
  /** Where it begins, by its place in `nodes`. */
  readonly at: number;
  readonly nodes: readonly ClusterProcess[];
  /** It was told to go, or will be in a moment: its connections may end. */
  readonly isLeaving: (node: ClusterProcess) => boolean;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** A client as an application has it: told to go away (4001), it waits a moment and comes back on another node. */
export class Roamer {
  readonly name: string;
  readonly group: string;
  readonly isBound: boolean;
  readonly #options: RoamerOptions;
  /** Its connections, one after the other. */
  readonly sessions: Device[] = [];
  /** How they ended. */
  readonly codes: number[] = [];
  /** Tries that came to nothing. */
  refused = 0;
  #isOver = false;
  #isSettled = false;
  #running: Promise<void> | undefined;

  constructor(options: RoamerOptions) {
    this.name = options.name;
    this.group = options.group;
    this.isBound = options.dialect !== 'json';
    this.#options = options;
  }

  /** The connection it has and that is in its group; undefined while there is none. */
  get session(): Device | undefined {
    const last = this.sessions.at(-1);
    return this.#isSettled && last?.client.ended === undefined ? last : undefined;
  }

  /** Resolves when it is connected for the first time. */
  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running = this.#live(resolve);
    await promise;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #live(onFirst: () => void): Promise<void> {
    const { nodes, random } = this.#options;
    let at = this.#options.at;
    while (!this.#isOver) {
      const client = await this.#connect(nodes[at % nodes.length] as ClusterProcess);
      if (client === undefined) this.refused += 1;
      else {
        onFirst();
        while (client.ended === undefined && !this.#isOver) await delay(10);
        if (client.ended !== undefined) this.codes.push(client.ended.code);
      }
      if (this.#isOver) return;
      await delay(50 + random() * 300);
      at += 1 + Math.floor(random() * (nodes.length - 1));
    }
  }

  /** Undefined: that node takes nobody now. */
  async #connect(node: ClusterProcess): Promise<WsClient | undefined> {
    const { dialect, streams, ledger, isLeaving } = this.#options;
    const client = node.isRunning ? await node.connect(dialect).catch(() => undefined) : undefined;
    if (client === undefined) return undefined;
    const device: Device = { name: this.name, client, node, streams };
    this.#isSettled = false;
    this.sessions.push(device);
    // It may get what is for everybody from here on, and is owed it once it is all it is to be.
    ledger.addDevice(device, false);
    if (isLeaving(node)) ledger.isToLeave(device);
    try {
      await this.#greet(client);
      await this.#joinGroup(client.ref);
      this.#isSettled = true;
      ledger.owes(device);
    } catch (error) {
      if (client.ended === undefined) throw error;
    }
    return client;
  }

  async #greet(client: WsClient): Promise<void> {
    if (client.dialect !== 'json') {
      await client.bind({ uid: this.name, channel: 'web', deviceId: this.name });
      return;
    }
    const hello = await client.next((frame) => frame.type === 'hello', 'a first frame');
    client.clientId = (hello.body['data'] as { clientId: string }).clientId;
  }

  /** As a backend does it, at any node. */
  async #joinGroup(id: string): Promise<void> {
    const { nodes, isLeaving } = this.#options;
    const asked = nodes.find((node) => node.isRunning && !isLeaving(node));
    if (asked === undefined) throw new Error('no node is left');
    const { matched } = await asked.admin.join(this.group, { ids: [id], userId: this.name });
    if (matched !== 1) throw new Error(`${this.name}: the group ${this.group} took ${matched}`);
  }
}
