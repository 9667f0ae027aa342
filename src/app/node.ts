import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReloadAnswer } from '../api/admin.ts';
import type { Execute } from '../api/command.ts';
import type { NodeStats } from '../api/stats.ts';
import { MemoryBus } from '../bus/engines/memory.ts';
import type { LiveConfig } from '../config/live-config.ts';
import type { Config } from '../config/schema.ts';
import { standingSubjects } from '../routing/connection-subjects.ts';
import type { Actor } from '../telemetry/audit.ts';
import type { Logger } from '../telemetry/log.ts';
import { createLoopLag } from '../telemetry/loop-lag.ts';
import { createClientAddress, type SentFrom } from '../util/client-address.ts';
import { derived } from '../util/derived.ts';
import type { RuntimeEnv } from '../util/runtime-paths.ts';
import { version } from '../util/version.ts';
import { internalAddresses, listenAddresses, ownAddress } from './addresses.ts';
import { createDoors } from './doors.ts';
import { type DrainProgress, startDrainProgress } from './drain-progress.ts';
import { takeHeapSnapshot } from './heap-snapshot.ts';
import { type Listeners, openListeners } from './listeners.ts';
import { createNodeAccess } from './node-access.ts';
import { createNodeDrain } from './node-drain.ts';
import { createOwnHome, type NodeHome, type Operator } from './node-home.ts';
import { createNodePressure } from './node-pressure.ts';
import { gatherNodeStats } from './node-stats.ts';
import { Owned } from './owned.ts';
import { startPauseAlarm } from './pause-alarm.ts';
import { Probe } from './probe.ts';
import { openQueues, type Queues } from './queues/open-queues.ts';
import { logFilesPart, logLevelPart, probePart, systemsPart, tlsPart, tokensPart } from './reload-parts.ts';
import { createStop, type Stop } from './stop.ts';
import type { StopAsk } from './stop-asks.ts';
import { openTokens } from './tokens.ts';
import { Traffic } from './traffic.ts';

export interface NodeOptions {
  readonly live: LiveConfig;
  readonly env: RuntimeEnv;
  readonly log: Logger;
  /** What is below `log`. Absent: it loses no line and has no file. */
  readonly logFiles?: LogFiles;
  /** Absent: it is alone. */
  readonly home?: NodeHome;
}

export interface LogFiles {
  /** Lines that could not be written since the start, by destination. */
  lost(): Readonly<Record<string, number>>;
  /** Opens them again, with the settings now in force. */
  reopen(): void;
}

/** A node that serves. */
export interface RunningNode {
  readonly nodeId: string;
  /** Milliseconds since the epoch, as its statistics say. */
  readonly startedAt: number;
  readonly port: number;
  /** The port and those of the further listeners, in the order of the configuration. */
  readonly ports: readonly number[];
  readonly addresses: readonly string[];
  /** URLs of the internal listener; none without one. */
  readonly internalAddresses: readonly string[];
  readonly dataDirectory: string;
  /** Of the gRPC push API; absent: it is off. */
  readonly grpcPort?: number;
  /** WebSocket connections there can be at one time, by limits and descriptors; infinite where neither says. */
  readonly mostConnections: number;
  /** Processes that serve; absent: this one. */
  readonly workers?: number;
  readonly operator: Pick<Operator, 'keyFile' | 'socketFile'>;
  /** What the doors call, for whoever runs a node inside its own process; access is judged by nobody. */
  readonly execute: Execute;
  /**
   * Ends it: readiness goes, clients get 4001, queues are flushed, and everything is closed in the reverse order of starting.
   * Called again, or with `hurry`, it no longer waits nor spreads the closing. Rejects, naming the step it was stuck in, after
   * the hard limit.
   */
  stop: Stop;
  /**
   * Opens the files of log again, reads the configuration again and puts in force what needs no restart. Rejects with
   * `bad_config`, everything staying as it was, where it cannot be used.
   */
  reload(actor: Actor): Promise<ReloadAnswer>;
  /** Opens the files of log and audit log again, for those that were moved away. */
  reopenLogs(): void;
  /** Told what is asked through the admin API, from the start on. It is the listener's to call `stop`: nobody else does. */
  onStopAsked(listener: (ask: StopAsk) => void): void;
}

/** Puts a node together and starts it. Throws `StartError` for what its operator can mend. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const owned = new Owned();
  try {
    return await start(options, owned);
  } catch (error) {
    await owned[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(options: NodeOptions, owned: Owned): Promise<RunningNode> {
  const { live, env, log, logFiles, home = createOwnHome({ live, env, log }) } = options;
  const { config } = live;
  const startedAt = Date.now();
  const started = performance.now();
  let state: NodeStats['state'] = 'starting';
  let drain: DrainProgress | undefined;
  const stateNow = () => (state === 'serving' && operatorDrain.isOn ? 'draining' : state);
  const pressure = createNodePressure({
    limits: config.limits,
    log,
    onState: (reason) =>
      events.emit({ type: 'state', state: stateNow() === 'draining' ? 'draining' : 'serving', reason }),
    connections: () => registry.connections,
    endIdle: () => listeners.closeIdle(),
  });
  // The port first: it names the data directory, and "in use" is the plainest word for a second start.
  const listeners = await openListeners(
    {
      config,
      sharing: home.isShared ? 'join' : 'none',
      isFull: pressure.isFull,
      onWarning: (warning) => log.warn(warning),
    },
    owned,
  );
  const { port, ports } = listeners;
  const stores = await home.openStores(port, owned);
  const { dataDirectory, nodeId } = stores;
  const audit = home.openAudit(stores, owned);
  const reopenLogs = () => {
    logFiles?.reopen();
    audit.reopen();
  };
  const loopLag = createLoopLag();
  owned.add('the loop monitor', () => loopLag.stop());
  const addresses = listenAddresses(config.tls.cert === undefined ? 'http' : 'https', config.host, port);
  const nodeStats = () =>
    gatherNodeStats({
      ...core,
      version: version(),
      startedAt,
      uptimeMs: () => performance.now() - started,
      state: stateNow,
      drain: () => drain?.read() ?? operatorDrain.read(),
      addresses: () => addresses,
      pending: () => doors.ws.pending,
      loopLag: () => loopLag.read(),
      pressure,
      probe: () => probe,
      lostLogLines: () => ({ ...logFiles?.lost(), audit: audit.lost }),
      cluster: home.cluster,
      queues: () => queues,
      marks: () => marks.figures(),
    });
  const {
    drain: operatorDrain,
    clientsLeft,
    takeClients,
  } = createNodeDrain({
    ...{ log, nodeId, config, home, listeners },
    state: () => state,
    parts: () => ({ core, doors, traffic }),
  });
  const core = await home.createCore({ config, stores, port, nodeStats, drain: operatorDrain }, owned);
  const { events, registry } = core;
  const marks = home.openMarks(owned);
  const incarnation = home.incarnation ?? startedAt;
  const queues: Queues = openQueues({ config, core, marks, incarnation, members: home.members, log }, owned);
  home.onReentry?.((anew) => queues.events?.reenter(anew, standingSubjects(core.registry)));
  owned.add('the pause watch', startPauseAlarm({ log, ...core }));

  const operator = await home.openOperator(
    {
      stores,
      port,
      host: listeners.host,
      handlers: listeners.operatorHandlers,
      admit: (socket) => access.admitOperatorSocket(socket),
    },
    owned,
  );
  const tokens = await openTokens({ config, warn: (line) => log.warn(line) }, owned);
  const addressReader = derived(() => config.proxy.trusted, createClientAddress);
  const clientAddress = (request: SentFrom) => addressReader()(request);
  const access = createNodeAccess({
    config,
    operatorKey: operator.key,
    keys: stores.keys,
    tokens,
    clientAddress,
    isInternal: (socket) => listeners.isInternal(socket),
  });
  const probe = new Probe({
    execute: core.execute,
    bus: new MemoryBus(),
    get intervalMs() {
      return config.probe.intervalMs;
    },
    newMessageId: core.newMessageId,
    onChange(failure) {
      if (failure !== undefined) log.error({ failure }, 'not delivering');
      // At the start it is what everybody expects.
      else log[state === 'starting' ? 'debug' : 'info']('delivery is proven');
    },
  });
  const reload = home.createReload({
    parts: [
      logLevelPart(log),
      ...(home.isShared
        ? []
        : [logFilesPart(reopenLogs), systemsPart(stores.systems, () => live.inForce.systems.list)]),
      probePart(probe),
      tlsPart(listeners, (pair) => doors.grpc?.changeCertificate(pair)),
      tokensPart(tokens),
    ],
    stores,
    audit,
    reopenLogs,
  });
  const doors = await createDoors(
    {
      config,
      core,
      access,
      log,
      state: stateNow,
      isStopping: () => state === 'draining',
      isDelivering: () => probe.failure === undefined && home.cluster?.cutOff === undefined,
      troubles: () => [...(home.cluster?.troubles ?? []), ...queues.troubles],
      uplink: queues.uplink,
      certificate: () => listeners.certificate(),
      isShared: home.isShared,
      idempotency: marks.idempotency,
      shedding: pressure.why,
      stop(request, actor) {
        const { now = false, drainMs } = request;
        const clients = registry.connections.length;
        audit.record({ ...actor, action: 'stop', what: { now, drainMs }, outcome: 'ok', result: { clients } });
        return home.askToStop(request, clients);
      },
      heapSnapshot: () => takeHeapSnapshot({ directory: stores.dataDirectory }),
      reload,
      audit,
      clientAddress,
      probeSystemOf: (request) => probe.systemOf(request),
      ...(home.metrics && { metrics: home.metrics }),
      ...(home.subscribe && { subscribe: home.subscribe }),
      ...(home.tail && { tail: home.tail }),
    },
    owned,
  );
  const isOwn = (request: IncomingMessage) => probe.systemOf(request) !== undefined;
  const traffic = new Traffic(isOwn);
  home.onSystemRemoved?.((system) => doors.ws.closePending('unknown_system', system));
  await home.join?.();
  await listeners.serve(
    traffic.inFrontOf({
      request: (request, response) => doors.http.handle(request, response),
      webSocketOnly: doors.webSocketOnly,
      upgrade: (request, socket, head, paths) => doors.ws.upgrade(request, socket, head, paths),
      isOwn,
    }),
  );
  const grpcPort = await doors.grpc?.listen();
  owned.add('the probe', () => probe.stop());
  await probe.start(probeUrl(config, listeners), () => listeners.certificate()?.fingerprint);
  state = 'serving';
  events.emit({ type: 'state', state, reason: 'started' });
  queues.start();
  pressure.start();
  owned.add('the watch on memory and descriptors', () => pressure.stop());

  /** Balancers have seen that it takes nobody. */
  let isNoticed = false;
  const stop = createStop({
    log,
    owned,
    times: config.drain,
    beginDraining: () => {
      state = 'draining';
      isNoticed = operatorDrain.isNoticed;
      operatorDrain.giveWay();
      drain = startDrainProgress(log, clientsLeft, () => doors.ws.sockets);
      traffic.leave();
      home.onDraining?.();
      doors.ws.refuseWaiting();
      // Another node may read on at once.
      queues.leave().catch((error) => log.error({ err: error }, 'a queue door did not close'));
      events.emit({ type: 'state', state, reason: 'stopping' });
    },
    isQuiet: () => clientsLeft() === 0 && (isNoticed || traffic.isQuiet),
    beforeClosing: (hurry) => queues.uplink.drain(answersMs, hurry),
    takeClients,
    whenClientsGone: async () => {
      await probe.stop();
      await doors.ws.whenIdle();
      drain?.[Symbol.dispose]();
    },
    closeListeners: async (graceMs) => {
      // Event streams would be under way for ever.
      await doors.http.close();
      await listeners.close(Promise.race([traffic.whenAnswered(), sleep(graceMs, undefined, { ref: false })]));
    },
  });
  const mostConnections = Math.min(config.limits.connections || Number.POSITIVE_INFINITY, pressure.enoughFor);
  return {
    nodeId,
    startedAt,
    port,
    ports,
    addresses,
    internalAddresses: internalAddresses(config.internal, listeners.internalPort),
    dataDirectory,
    ...(grpcPort !== undefined && { grpcPort }),
    mostConnections,
    operator,
    execute: core.execute,
    stop,
    reload,
    reopenLogs,
    onStopAsked: home.onStopAsked,
  };
}

/** What clients asked a backend before a node ends has so long to be answered. */
const answersMs = 2000;

/** A WebSocket path of this node's own; where the main port has none, the first further listener's. */
function probeUrl(config: Config, { ports, ownPort }: Pick<Listeners, 'ports' | 'ownPort'>): string {
  const path = Object.keys(config.paths)[0];
  const further = config.listeners[0];
  const [host, port] =
    path === undefined && further !== undefined ? [further.host ?? config.host, ports[1]] : [config.host, ports[0]];
  const address = ownPort === undefined ? ownAddress(host, port ?? 0) : ownAddress(undefined, ownPort);
  return `${config.tls.cert === undefined ? 'ws' : 'wss'}://${address}${path ?? '/'}`;
}
