import type { ChildProcess } from 'node:child_process';
import type { HeapSnapshotAnswer } from '../../api/admin.ts';
import type { Command, Execute, ResultOf } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { TailItem, TailQuery } from '../../api/tail.ts';
import type { RpcNode } from '../../bus/rpc/members.ts';
import type { Config } from '../../config/schema.ts';
import { TapReaders } from '../../routing/tail/remote-taps.ts';
import type { StoreOwner } from '../../store/replica/owner.ts';
import type { Logger } from '../../telemetry/log.ts';
import { mergeMetrics, type NodeMetrics } from '../../telemetry/merged-metrics.ts';
import { newLease } from '../../util/cids.ts';
import { StartError } from '../../util/start-error.ts';
import type { Prepared } from '../reload.ts';
import type { StopRequest } from '../stop.ts';
import type { Beginning, SupervisorCalls } from './calls.ts';
import { type CallHandlers, ChannelClosed, ChannelLate } from './channel.ts';
import { CrewEvents } from './crew-events.ts';
import { Slot } from './slot.ts';

export interface CrewOptions {
  readonly nodeIds: readonly string[];
  readonly log: Logger;
  readonly spawn: (index: number) => ChildProcess;
  readonly onLogLine: (line: string) => void;
  readonly owner: StoreOwner;
  /** What a worker begins with, but for what is only its own. */
  readonly beginning: () => Omit<Beginning, 'nodeId' | 'nodeIds' | 'incarnation' | 'lease' | 'stores' | 'rpc'>;
  readonly rpc: { readonly host: string; readonly secret: Buffer; portOf(index: number): number };
  /** What workers ask and the crew itself does not know. */
  readonly handlers: Pick<CallHandlers<SupervisorCalls>, 'audit' | 'askToStop' | 'reload' | 'claimPush' | 'endPush'>;
}

/** What a worker gets to carry out a change of the stores, to give up a reload. */
const patienceMs = 2000;
/** Of a worker, as long as none has served. */
const mostStarts = 5;

/** The workers of a supervisor, as one. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #slots: readonly Slot[];
  readonly #events = new CrewEvents(() => this.#slots);
  readonly #tails = new TapReaders({
    places: () => this.#slots.flatMap(({ nodeId, isServing }) => (isServing ? [nodeId] : [])),
    order: (place, order) => this.#slots.find(({ nodeId }) => nodeId === place)?.channel?.tell('tap', order),
  });
  /** What the last reload put in force. */
  #reloaded: Config | undefined;
  #lastIncarnation = 0;
  #turn = 0;
  #hasServed = false;
  #settled = Promise.withResolvers<void>();
  #onEnded = () => {};

  constructor(options: CrewOptions) {
    this.#options = options;
    const { log, onLogLine } = options;
    this.#slots = options.nodeIds.map(
      (nodeId, index) =>
        new Slot({
          nodeId,
          log,
          onLogLine,
          spawn: () => options.spawn(index),
          handlers: (slot) => this.#handlersOf(slot),
          begin: (slot) => this.#begin(slot, index),
          onServing: (slot) => this.#onServing(slot),
          onGone: (slot) => this.#onGone(slot),
        }),
    );
  }

  /** Resolves once all serve, or some do and the others have failed often enough. Rejects with what keeps all of them from it. */
  async start(): Promise<void> {
    for (const slot of this.#slots) slot.start();
    await this.#settled.promise;
  }

  /** Somebody who connects now is taken. */
  get takesClients(): boolean {
    return this.#slots.some(({ isServing, isDrained }) => isServing && !isDrained);
  }

  /** Connections there can be, of all workers that serve. */
  get mostConnections(): number {
    return this.#slots.reduce((sum, { facts }) => sum + (facts?.mostConnections ?? 0), 0);
  }

  readonly execute: Execute = async <C extends Command>(command: C) => {
    const isRead = /^list|^stats$|^online$|^history$|^preview$/.test(command.type);
    for (const slot of this.#inTurn()) {
      let isSent = false;
      const onSent = () => {
        isSent = true;
      };
      try {
        return (await slot.ask('execute', command, onSent)) as ResultOf<C>;
      } catch (error) {
        if (!isGone(error)) throw error;
        if (isSent && !isRead) throw unavailable(`${wordsOfGone(slot, error)}; it may have done it`);
      }
    }
    const silent = this.#slots.filter(({ isSilent }) => isSilent).map(({ nodeId }) => nodeId);
    throw unavailable(
      silent.length === 0 ? 'no worker serves at the moment' : `no worker answers: ${silent.join(', ')}`,
    );
  };

  async metrics(): Promise<string> {
    const nodes = this.#slots.map(async (slot) => {
      const asked = slot.isServing ? slot.ask('metrics', undefined) : undefined;
      const metrics = (await asked?.catch(() => undefined)) as NodeMetrics;
      return { node: slot.nodeId, restarts: slot.restarts, metrics };
    });
    return await mergeMetrics(await Promise.all(nodes));
  }

  /** Of the first that serves. */
  async heapSnapshot(): Promise<HeapSnapshotAnswer> {
    const channel = this.#slots.find((slot) => slot.isServing && !slot.isSilent)?.channel;
    if (channel === undefined) throw unavailable('no worker serves at the moment');
    return await channel.ask('heapSnapshot', undefined);
  }

  subscribe(onEvent: (event: NodeEvent) => void, backlog: number): () => void {
    return this.#events.subscribe(onEvent, backlog);
  }

  /** Copies of what passes at all workers, until the returned function is called. */
  tail(query: TailQuery, onItem: (item: TailItem) => void): () => void {
    return this.#tails.open(query, onItem);
  }

  /** Makes a reload ready in all workers that answer, or in none. One that does not takes it up once it does. */
  async prepareReload(next: Config): Promise<Prepared> {
    const slots = this.#slots.flatMap((slot) =>
      slot.isServing && slot.channel ? [{ slot, channel: slot.channel }] : [],
    );
    const asked = await Promise.all(
      slots.map(({ slot, channel }) =>
        slot.ask('prepareReload', next).then(
          (answer) => ({ slot, channel, answer }),
          (error: unknown) => ({ slot, channel, error }),
        ),
      ),
    );
    const ready = asked.flatMap((each) => ('answer' in each ? [each] : []));
    const discard = async () => {
      const all = ready.map(({ channel }) => channel.ask('discardReload', undefined, { deadlineMs: patienceMs }));
      await Promise.allSettled(all);
    };
    // One that has ended meanwhile begins anew with what is in force then.
    const failure = asked.find((each) => 'error' in each && !isGone(each.error));
    if (failure !== undefined && 'error' in failure) {
      await discard();
      throw asStartError(failure.error);
    }
    const late = asked.filter((each) => 'error' in each && each.error instanceof ChannelLate).map(({ slot }) => slot);
    const { warnings = [], changes = [] } = ready[0]?.answer ?? {};
    return {
      commit: () => {
        this.#reloaded = next;
        for (const { slot, channel } of ready) {
          if (slot.channel === channel) slot.config = next;
          channel.tell('commitReload', undefined);
        }
        for (const slot of late) this.#catchUp(slot);
      },
      discard,
      warnings: [
        ...warnings,
        ...late.map(({ nodeId }) => `the worker ${nodeId} does not answer; it takes this up once it does`),
      ],
      changes,
    };
  }

  /** Tells all to end; told again, they hurry. Resolves when no process is left, with how those ended that did not end well. */
  async stop(request: StopRequest, limitMs: number): Promise<readonly string[]> {
    const ended = new Promise<void>((resolve) => {
      this.#onEnded = () => {
        if (!this.#slots.some((slot) => slot.isThere)) resolve();
      };
    });
    for (const slot of this.#slots) {
      slot.expectEnd();
      slot.channel?.tell('stop', request);
    }
    this.#onEnded();
    const timer = setTimeout(() => {
      for (const slot of this.#slots) slot.kill();
    }, limitMs);
    await ended;
    clearTimeout(timer);
    return this.#slots.flatMap(({ nodeId, ended: how }) =>
      how === undefined || how === '' || how === 'exit 0' ? [] : [`the worker ${nodeId} ended with ${how}`],
    );
  }

  /** Told again while it stops. */
  hurry(request: StopRequest): void {
    for (const slot of this.#slots) slot.channel?.tell('stop', request);
  }

  /** Nobody survives. */
  kill(): void {
    for (const slot of this.#slots) {
      slot.expectEnd();
      slot.kill();
    }
  }

  async #begin(slot: Slot, index: number): Promise<void> {
    const { owner, beginning, rpc } = this.#options;
    const { channel } = slot;
    this.#lastIncarnation = Math.max(this.#lastIncarnation + 1, Date.now());
    const incarnation = this.#lastIncarnation;
    slot.lease = newLease(new Set(this.#slots.map(({ lease }) => lease)));
    const detach = await owner.attach((stores) => {
      slot.config = this.#reloaded;
      channel?.tell('begin', {
        ...beginning(),
        nodeId: slot.nodeId,
        nodeIds: this.#options.nodeIds,
        incarnation,
        lease: slot.lease,
        stores,
        rpc: { host: rpc.host, port: rpc.portOf(index), secret: rpc.secret },
      });
      return async (change) => {
        // One that stands still takes it up before anything that comes later.
        if (slot.isSilent) channel?.tell('storeChange', change);
        else await channel?.ask('storeChange', change, { deadlineMs: patienceMs }).catch(() => {});
      };
    });
    this.#detach.set(slot, detach);
    if (slot.channel !== channel) detach();
  }

  readonly #detach = new Map<Slot, () => void>();

  #handlersOf(slot: Slot): CallHandlers<SupervisorCalls> {
    return {
      ...this.#options.handlers,
      ...this.#events.handlersOf(slot),
      storeWrite: (write) => this.#options.owner.write(write),
      enter: (node: RpcNode) => {
        slot.rpc = node;
        this.#tellMembers();
        return this.#members();
      },
      serving: (facts) => slot.serves(facts),
      failed: ({ words, hint, exitCode, at }) => {
        slot.failed(
          new StartError(words, { exitCode, ...(hint !== undefined && { hint }), ...(at !== undefined && { at }) }),
        );
      },
      metrics: () => this.metrics(),
      drained: (isDrained) => {
        slot.isDrained = isDrained;
      },
      tapped: (copies) => this.#tails.onCopies(slot.nodeId, copies),
    };
  }

  #onServing(slot: Slot): void {
    this.#hasServed = true;
    this.#options.log.info({ worker: slot.nodeId }, 'a worker serves');
    this.#catchUp(slot);
    this.#events.onServing(slot);
    this.#tails.onJoin(slot.nodeId);
    this.#settle();
  }

  /** It began before a reload, and was not there to be asked. */
  #catchUp(slot: Slot): void {
    const { channel } = slot;
    const config = this.#reloaded;
    if (channel === undefined || config === undefined || slot.config === config) return;
    slot.config = config;
    channel.ask('prepareReload', config).then(
      () => channel.tell('commitReload', undefined),
      // It has been judged usable: what has become of a file since then, the next start says.
      (error: unknown) =>
        this.#options.log.error({ err: error, worker: slot.nodeId }, 'a worker could not take a reload up'),
    );
  }

  #onGone(slot: Slot): void {
    this.#detach.get(slot)?.();
    this.#detach.delete(slot);
    this.#events.onGone(slot);
    this.#tellMembers();
    this.#onEnded();
    this.#settle(slot);
  }

  /** `failed`: that has just ended. */
  #settle(failed?: Slot): void {
    if (!this.#hasServed && failed !== undefined && (failed.isMendable || failed.failures >= mostStarts)) {
      this.#settled.reject(failed.reason);
      return;
    }
    const isSettled = ({ isServing, failures }: Slot) => isServing || failures >= mostStarts;
    if (this.#hasServed && this.#slots.every(isSettled)) this.#settled.resolve();
  }

  #members(): readonly RpcNode[] {
    return this.#slots.flatMap(({ rpc }) => (rpc === undefined ? [] : [rpc]));
  }

  #tellMembers(): void {
    const nodes = this.#members();
    for (const slot of this.#slots) if (slot.rpc !== undefined) slot.channel?.tell('members', nodes);
  }

  /** Those that serve and do not stand still, another one first each time. */
  #inTurn(): readonly Slot[] {
    const serving = this.#slots.filter((slot) => slot.isServing && !slot.isSilent);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, serving.length);
    return [...serving.slice(first), ...serving.slice(0, first)];
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ChannelClosed || error instanceof ChannelLate;
}

function wordsOfGone({ nodeId }: Slot, error: unknown): string {
  return `the worker ${nodeId} ${error instanceof ChannelLate ? 'does not answer' : 'has ended'}`;
}

function unavailable(words: string): YunqueError {
  return new YunqueError('unavailable', words, { retryAfterSeconds: 1 });
}

function asStartError(failure: unknown): unknown {
  if (!(failure instanceof YunqueError) || failure.problems === undefined) return failure;
  const parts = failure.problems.map((problem) => new StartError(problem));
  return new StartError(failure.problems.join('\n'), { parts });
}
