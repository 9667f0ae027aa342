import type { RpcNode } from '../../bus/rpc/members.ts';
import { createLiveConfig } from '../../config/live-config.ts';
import type { Config } from '../../config/schema.ts';
import type { ClusteredNode } from '../../routing/cluster/clustered-node.ts';
import { TapWriters } from '../../routing/tail/remote-taps.ts';
import { createStoreCopy, type StoreCopy } from '../../store/replica/copy.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createMetricsJson } from '../../telemetry/prometheus.ts';
import type { RuntimeEnv } from '../../util/runtime-paths.ts';
import { StartError } from '../../util/start-error.ts';
import type { Core } from '../core.ts';
import { metricsSourceOf } from '../doors.ts';
import { takeHeapSnapshot } from '../heap-snapshot.ts';
import { type RunningNode, startNode } from '../node.ts';
import type { NodeHome } from '../node-home.ts';
import { ownMarks } from '../queues/marks.ts';
import { type Prepared, prepareReload, type ReloadPart } from '../reload.ts';
import type { StopRequest } from '../stop.ts';
import type { Beginning, SupervisorCalls, WorkerCalls } from './calls.ts';
import { type CallHandlers, type Channel, type ChannelPort, createChannel, startWords } from './channel.ts';
import { createClusteredCore } from './clustered-core.ts';
import { claimsOver, lineTo } from './shared-claims.ts';

export interface WorkerOptions {
  readonly port: ChannelPort;
  readonly env: RuntimeEnv;
  /** Makes the log once it is known who this is. */
  readonly createLog: (nodeId: string, config: Config['log']) => Logger;
}

/** A worker as its process sees it. */
export interface Worker {
  /** Resolves with the node once it serves; rejects with what kept it from it, which the supervisor has been told. */
  readonly node: Promise<{ readonly node: RunningNode; readonly log: Logger }>;
  /** Told when the supervisor wants the end; also what it says again, in a hurry. */
  onStop(listener: (request: StopRequest) => void): void;
}

/** One node of several behind the same ports, at the orders of its supervisor. */
export function startWorker({ port, env, createLog }: WorkerOptions): Worker {
  const began = Promise.withResolvers<Beginning>();
  const stops = createKept<StopRequest>();
  const state: WorkerState = { watchers: new Map(), watching: new Map(), members: () => {}, onSystemRemoved: () => {} };
  const handlers: CallHandlers<WorkerCalls> = {
    begin: (beginning) => {
      // At once: the next message may be a change.
      state.copy = createStoreCopy(beginning.stores, (write) => channel.ask('storeWrite', write));
      began.resolve(beginning);
    },
    ping: () => {},
    storeChange: (change) => {
      state.copy?.apply(change);
      if (change.type === 'systemRemoved') state.onSystemRemoved(change.system);
    },
    members: (nodes) => state.members(nodes),
    execute: (command) => coreOf(state).execute(command),
    metrics: () => metricsOf(state),
    heapSnapshot: async () => takeHeapSnapshot({ directory: (await began.promise).dataDirectory }),
    stop: stops.tell,
    async prepareReload(next) {
      const { live, parts } = reloadingOf(state);
      state.prepared = await prepareReload(live, parts, next);
      return { warnings: state.prepared.warnings ?? [], changes: state.prepared.changes ?? [] };
    },
    commitReload: () => {
      state.prepared?.commit();
      state.prepared = undefined;
    },
    async discardReload() {
      await state.prepared?.discard?.();
      state.prepared = undefined;
    },
    watch: ({ id, backlog }) => {
      const { events } = coreOf(state);
      state.watchers.set(
        id,
        events.subscribe((event) => channel.tell('event', { id, event }), backlog),
      );
    },
    unwatch: (id) => {
      state.watchers.get(id)?.();
      state.watchers.delete(id);
    },
    watched: ({ id, event }) => state.watching.get(id)?.(event),
    tap: (order) => {
      state.taps ??= tapsFor(coreOf(state), channel);
      state.taps.onOrder('', order);
    },
  };
  const channel: Channel<SupervisorCalls> = createChannel<WorkerCalls, SupervisorCalls>(port, handlers, (error) =>
    state.log?.error({ err: error }, 'an order of the supervisor failed'),
  );

  async function run(): Promise<{ node: RunningNode; log: Logger }> {
    const beginning = await began.promise;
    const { nodeId, config } = beginning;
    const log = createLog(nodeId, config.log);
    state.log = log;
    const live = createLiveConfig(config, () => {
      throw new Error('a worker reads no configuration');
    });
    state.live = live;
    try {
      const home = createWorkerHome({ beginning, log, state, channel });
      const node = await startNode({ live, env, log, home });
      channel.tell('serving', { startedAt: node.startedAt, mostConnections: node.mostConnections });
      return { node, log };
    } catch (error) {
      if (error instanceof StartError) channel.tell('failed', startWords(error));
      throw error;
    }
  }
  return { node: run(), onStop: stops.listen };
}

interface WorkerState {
  copy?: StoreCopy;
  core?: Core;
  log?: Logger;
  live?: ReturnType<typeof createLiveConfig>;
  parts?: readonly ReloadPart[];
  prepared?: Prepared | undefined;
  metrics?: ReturnType<typeof createMetricsJson>;
  members: (nodes: readonly RpcNode[]) => void;
  onSystemRemoved: (system: string) => void;
  /** Who follows the events of this node, by the supervisor's number. */
  readonly watchers: Map<number, () => void>;
  /** Who reads along at the supervisor. */
  taps?: TapWriters;
  /** Who follows those of all nodes through this one. */
  readonly watching: Map<number, (event: WorkerCalls['watched']['request']['event']) => void>;
}

interface WorkerHomeOptions {
  readonly beginning: Beginning;
  readonly log: Logger;
  readonly state: WorkerState;
  readonly channel: Channel<SupervisorCalls>;
}

/** Everything that lasts is the supervisor's. */
function createWorkerHome({ beginning, log, state, channel }: WorkerHomeOptions): NodeHome {
  const { nodeId, dataDirectory, cryptoKey, operatorKey } = beginning;
  let clustered: ClusteredNode | undefined;
  const onMembers = (listener: WorkerState['members']) => {
    state.members = listener;
  };
  let lastWatch = 0;
  return {
    isShared: true,
    async openStores() {
      if (state.copy === undefined) throw new Error('there is no copy of the stores');
      return { dataDirectory, nodeId, cryptoKey, ...state.copy };
    },
    openAudit: () => ({
      record: (change) => channel.tell('audit', { ...change, node: nodeId }),
      reopen: () => {},
      close: async () => {},
      lost: 0,
    }),
    openOperator: async () => ({ key: operatorKey, keyFile: undefined, socketFile: undefined }),
    async createCore(options, owned) {
      const made = await createClusteredCore({ ...options, beginning, log, channel, onMembers }, owned);
      clustered = made.clustered;
      state.core = made.core;
      state.metrics = createMetricsJson(metricsSourceOfWorker(made), { node: nodeId });
      return made.core;
    },
    openMarks: (owned) => ownMarks(owned, claimsOver(lineTo(channel))),
    incarnation: beginning.incarnation,
    members: () => [nodeId, ...(clustered?.nodes ?? [])],
    onSystemRemoved: (listener) => {
      state.onSystemRemoved = listener;
    },
    join: async () => await clustered?.start(),
    createReload({ parts }) {
      state.parts = parts;
      return (actor) => channel.ask('reload', actor);
    },
    askToStop: (request) => channel.ask('askToStop', request),
    onStopAsked: () => {},
    onDrained: (isDrained) => channel.tell('drained', isDrained),
    metrics: () => channel.ask('metrics', undefined),
    tail(query, onItem) {
      if (clustered === undefined) throw new Error('the node does not serve yet');
      return clustered.tail(query, onItem);
    },
    subscribe(onEvent, backlog) {
      lastWatch += 1;
      const id = lastWatch;
      state.watching.set(id, onEvent);
      channel.tell('watchAll', { id, backlog });
      return () => {
        state.watching.delete(id);
        channel.tell('unwatchAll', id);
      };
    },
  };
}

/** The one other place is the supervisor's. */
function tapsFor({ nodeId, taps }: Core, channel: Channel<SupervisorCalls>): TapWriters {
  return new TapWriters({
    node: nodeId,
    open: (query, onItem) => taps.open(query, onItem),
    send: (_place, copies) => channel.tell('tapped', copies),
  });
}

/** Each user once over all workers, so that their sum is true. */
function metricsSourceOfWorker({ core, clustered }: { core: Core; clustered: ClusteredNode }) {
  const source = metricsSourceOf(core);
  const stats = async () => ({ ...(await source.stats()), users: clustered.usersCountedHere });
  return { ...source, stats };
}

function coreOf({ core }: WorkerState): Core {
  if (core === undefined) throw new Error('the worker does not serve yet');
  return core;
}

function metricsOf({ metrics }: WorkerState) {
  if (metrics === undefined) throw new Error('the worker does not serve yet');
  return metrics();
}

function reloadingOf({ live, parts }: WorkerState) {
  if (live === undefined || parts === undefined) throw new Error('the worker does not serve yet');
  return { live, parts };
}

/** What is told before somebody listens is kept until then. */
function createKept<T>() {
  const kept: T[] = [];
  let told: (item: T) => void = (item) => void kept.push(item);
  return {
    tell: (item: T) => told(item),
    listen(listener: (item: T) => void) {
      told = listener;
      for (const item of kept.splice(0)) listener(item);
    },
  };
}
