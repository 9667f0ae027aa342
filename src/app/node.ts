import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAccess } from '../access/create-access.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { NodeStats } from '../api/stats.ts';
import { MemoryBus } from '../bus/engines/memory.ts';
import type { Config } from '../config/schema.ts';
import { MemoryDirectory } from '../directory/memory.ts';
import { createHttpIngress } from '../ingress/http/server.ts';
import { createWsIngress, heartbeatFrames } from '../ingress/ws/upgrade.ts';
import { Registry } from '../registry/registry.ts';
import { createExecute } from '../routing/execute.ts';
import { createSessions } from '../routing/sessions.ts';
import { keptSecret, openDataDirectory } from '../store/data-directory.ts';
import { SqliteSystems } from '../store/sqlite-systems.ts';
import { Counters } from '../telemetry/counters.ts';
import { Events } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { createLoopLag } from '../telemetry/loop-lag.ts';
import { createMetrics } from '../telemetry/prometheus.ts';
import { Heartbeats } from '../transport/heartbeats.ts';
import { TurnFlush } from '../transport/turn-flush.ts';
import { intranetAddress } from '../util/address.ts';
import { createMessageIds } from '../util/message-id.ts';
import { defaultDataDirectory, type RuntimeEnv, runtimeDirectory } from '../util/runtime-paths.ts';
import { commit, version } from '../util/version.ts';
import { encodeClientId } from '../wire/client-id.ts';
import { codecs } from '../wire/codecs/index.ts';
import { listenAddresses, ownAddress } from './addresses.ts';
import { createCids } from './cids.ts';
import { type Handlers, listen, portOf, withRoot } from './listen.ts';
import { countConnections, gatherNodeStats } from './node-stats.ts';
import { openOperatorDoor } from './operator-door.ts';
import { Probe } from './probe.ts';
import { createStop } from './stop.ts';

export interface NodeOptions {
  readonly config: Config;
  readonly env: RuntimeEnv;
  readonly log: Logger;
}

/** A node that serves. */
export interface RunningNode {
  readonly nodeId: string;
  readonly port: number;
  /** The port and those of the further listeners, in the order of the configuration. */
  readonly ports: readonly number[];
  readonly addresses: readonly string[];
  readonly dataDirectory: string;
  readonly operator: { readonly keyFile: string | undefined; readonly socketFile: string | undefined };
  /**
   * Ends it: clients get 4001, queues are flushed, and everything is closed in the reverse order of starting. Called again, or
   * with `hurry`, it no longer spreads the closing. Rejects, naming the step it was stuck in, after `drain.hardLimit`.
   */
  stop(options?: { hurry?: boolean }): Promise<void>;
}

/** Puts a single node together and starts it. Throws `StartError` for what its operator can mend. */
export async function startNode({ config, env, log }: NodeOptions): Promise<RunningNode> {
  const startedAt = Date.now();
  let handlers: Handlers | undefined;
  let extraHandlers: readonly Handlers[] = [];
  const undo: (() => void | Promise<void>)[] = [];
  try {
    return await start();
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }

  async function start(): Promise<RunningNode> {
    // The port first: it names the data directory, and "in use" is the plainest word for a second start.
    const { headerBytes } = config.limits;
    const main = await listen({ port: config.port, host: config.host, headerBytes, handlers: () => handlers });
    undo.push(() => closeServer(main));
    const further: Server[] = [];
    for (const [at, { port, host }] of config.listeners.entries()) {
      const server = await listen({ port, host: host ?? config.host, headerBytes, handlers: () => extraHandlers[at] });
      undo.push(() => closeServer(server));
      further.push(server);
    }
    const port = portOf(main);
    const directory = openDataDirectory(config.dataDir ?? defaultDataDirectory(env, port));
    undo.push(() => directory.release());
    const nodeId = keptSecret(directory.path, 'node-id', () => randomBytes(6).toString('hex'));
    const cryptoKey =
      config.crypto.key ?? keptSecret(directory.path, 'crypto.key', () => randomBytes(24).toString('base64url'));
    const systems = new SqliteSystems(join(directory.path, 'systems.db'));
    undo.push(() => systems.close());
    for (const system of config.systems.list) await systems.add(system, startedAt);

    const clientAddress = `${intranetAddress()}:${port + 1000}`;
    const registry = new Registry({ mintClientId: () => encodeClientId(clientAddress, cryptoKey) });
    const counters = new Counters();
    const events = new Events({ node: nodeId });
    const loopLag = createLoopLag();
    undo.push(() => loopLag.stop());
    const newMessageId = createMessageIds();
    const addresses = listenAddresses(config.host, port);
    let state: NodeStats['state'] = 'starting';
    const nodeStats = () =>
      gatherNodeStats({
        nodeId,
        version: version(),
        registry,
        systems,
        counters,
        startedAt,
        state: () => state,
        addresses: () => addresses,
        pending: () => ws.pending,
        loopLag: () => loopLag.read(),
        probe: () => probe,
      });

    const context = {
      nodeId,
      registry,
      systems,
      directory: new MemoryDirectory(),
      codecs,
      counters,
      events,
      newMessageId,
      nodeStats,
      devices: config.devices,
      notices: config.groups.notices,
      limits: config.limits,
    };
    const execute = createExecute(context);
    const sessions = createSessions(context);
    const probe = new Probe({
      execute,
      bus: new MemoryBus(),
      intervalMs: config.probe.intervalMs,
      newMessageId,
      onChange: (failure) =>
        failure === undefined ? log.info('delivery is proven') : log.error({ failure }, 'not delivering'),
    });

    const operator = await openOperatorDoor({
      directories: [runtimeDirectory(env), directory.path],
      port,
      key: config.operator.key,
      group: config.operator.group,
      handlers: () => handlers,
      admit: (socket) => access.admitOperatorSocket(socket),
    });
    undo.push(() => operator.close());
    const access = createAccess({ ...config.auth, operatorKey: operator.key });

    const onRefused = (refusal: { error: ErrorCode; what: string; remoteAddress: string }) => {
      counters.refuse(refusal.error);
      events.emit({ type: 'refused', ...refusal });
      log.debug(refusal, 'refused');
    };
    const onError = (error: unknown, where: string) => log.error({ err: error, where }, 'an unexpected fault');
    const isDraining = () => state === 'draining';

    const heartbeats = new Heartbeats(
      {
        json: config.heartbeat.json,
        protobuf: config.heartbeat.protobuf,
        bindTimeoutMs: config.bindTimeoutMs,
      },
      heartbeatFrames(codecs),
    );
    heartbeats.start();
    undo.push(() => heartbeats.stop());
    const ws = createWsIngress({
      access,
      codecs,
      transport: { flush: new TurnFlush(), heartbeats, maxOutboxBytes: config.outbox.maxBytes },
      session: {
        sessions,
        counters,
        heartbeats,
        nodeId,
        idBytes: config.limits.idBytes,
        clientIdOf: (connection) => registry.clientIdOf(connection),
        onBindRefused: ({ remoteAddress }, message) => {
          onRefused({ error: 'unauthorized', what: `bind: ${message}`, remoteAddress });
        },
      },
      systemExists: (system) => systems.has(system),
      systemsRequired: config.systems.required,
      newCid: createCids(),
      maxPayloadBytes: config.limits.payloadBytes,
      isDraining,
      probeSystemOf: (request) => probe.systemOf(request),
      onRefused,
      onError,
    });
    const http = await createHttpIngress({
      execute,
      access,
      systemExists: (system) => systems.has(system),
      newMessageId,
      version: {
        name: 'yunque',
        version: version(),
        commit: commit(),
        node: nodeId,
        runtime: `node ${process.version}`,
      },
      metrics: createMetrics({ stats: nodeStats, connections: () => countConnections(registry) }),
      readiness: () => ({ ready: state === 'serving' && probe.failure === undefined, degraded: false }),
      subscribe: (onEvent, backlog) => events.subscribe(onEvent, backlog),
      onRefused,
      isDraining,
      demo: config.demo,
      systemsRequired: config.systems.required,
      limits: config.limits,
      websocketPaths: Object.keys(config.paths),
      logError: onError,
    });
    undo.push(() => http.close());

    const handlersFor = (paths: typeof config.paths): Handlers => ({
      request: (request, response) => http.handle(request, response),
      upgrade: (request, socket, head) => ws.upgrade(request, socket, head, paths),
    });
    handlers = handlersFor(config.paths);
    extraHandlers = config.listeners.map(({ dialect }) => handlersFor(withRoot(config.paths, dialect)));

    const anyPath = Object.keys(config.paths)[0];
    if (anyPath === undefined) probe.failure = undefined;
    else await probe.start(`ws://${ownAddress(config.host, port)}${anyPath}`);
    undo.push(() => probe.stop());
    state = 'serving';
    events.emit({ type: 'state', state, reason: 'started' });

    const stop = createStop({
      log,
      drainMs: config.drain.durationMs,
      hardLimitMs: config.drain.hardLimitMs,
      beginDraining: () => {
        state = 'draining';
        events.emit({ type: 'state', state, reason: 'stopping' });
        ws.closePending('going_away');
        return registry.connections;
      },
      whenClientsGone: () => ws.whenIdle(),
      stopProbe: () => probe.stop(),
      servers: [main, ...further, ...(operator.server === undefined ? [] : [operator.server])],
      http,
      release: async () => {
        heartbeats.stop();
        loopLag.stop();
        operator.close();
        await context.directory.close();
        await systems.close();
        directory.release();
      },
    });
    return {
      nodeId,
      port,
      ports: [port, ...further.map(portOf)],
      addresses,
      dataDirectory: directory.path,
      operator,
      stop,
    };
  }
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
