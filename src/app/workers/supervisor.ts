import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createTokens } from '../../access/tokens/create-tokens.ts';
import type { StopAnswer, StopRequest as StopAsked } from '../../api/admin.ts';
import type { Config } from '../../config/schema.ts';
import { createHttpIngress } from '../../ingress/http/server.ts';
import { createIdempotency } from '../../store/create-idempotency.ts';
import { StoreOwner } from '../../store/replica/owner.ts';
import { type Actor, audited } from '../../telemetry/audit.ts';
import { auditedExecute } from '../../telemetry/audited-execute.ts';
import { createClientAddress } from '../../util/client-address.ts';
import { createMessageIds } from '../../util/message-id.ts';
import { StartError } from '../../util/start-error.ts';
import { commit, version } from '../../util/version.ts';
import { internalAddresses, listenAddresses } from '../addresses.ts';
import { createAuditedReload } from '../audited-reload.ts';
import { auditedTail } from '../audited-tail.ts';
import type { Handlers } from '../listen.ts';
import { containerBytes } from '../measure-load.ts';
import type { NodeOptions, RunningNode } from '../node.ts';
import { createNodeAccess } from '../node-access.ts';
import { openNodeAudit } from '../node-audit.ts';
import { openNodeOperator, openNodeStores } from '../node-home.ts';
import { Owned } from '../owned.ts';
import { createReload } from '../reload.ts';
import { logFilesPart, logLevelPart, systemsPart } from '../reload-parts.ts';
import { stopLimitMs } from '../stop.ts';
import { createStopAsks } from '../stop-asks.ts';
import { Crew } from './crew.ts';
import { claimsOver, SharedClaims } from './shared-claims.ts';
import { takeSharedPort } from './shared-port.ts';

export interface SupervisorOptions extends Omit<NodeOptions, 'home'> {
  /** Starts the process of a worker: with a channel, its log at `logDescriptor`. */
  readonly spawn: (index: number) => ChildProcess;
  /** A line of a worker's log, as it is written to the log. */
  readonly onLogLine: (line: string) => void;
}

const rpcHost = '127.0.0.1';
/** What workers get to end after the hard limit before they are killed. */
const killAfterMs = 1000;

/**
 * Serves with several processes on the same ports. This one takes no clients: it has the data directory, the stores, the
 * operator's door, the audit log, and the workers. Throws `StartError`.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<RunningNode> {
  if (process.platform !== 'linux') {
    throw new StartError('several processes can share a port on Linux only', {
      at: { key: 'workers' },
      hint: 'leave it out: one process serves on every system',
      exitCode: 78,
    });
  }
  const owned = new Owned();
  try {
    return await start(options, owned);
  } catch (error) {
    await owned[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(
  { live, env, log, logFiles, spawn, onLogLine }: SupervisorOptions,
  owned: Owned,
): Promise<RunningNode> {
  const { config } = live;
  const startedAt = Date.now();
  const { workers = 'auto' } = config;
  const count = workers === 'auto' ? availableParallelism() : workers;
  const shared = await takeSharedPort({ config: live.inForce, env, onWarning: (warning) => log.warn(warning) }, owned);
  const { port, ports, host, internalPort } = shared.listeners;
  const stores = await openNodeStores({ config, env, log, port }, owned);
  const { dataDirectory, nodeId, cryptoKey } = stores;
  const audit = openNodeAudit({ nodeId, dataDirectory, settings: config.log, log }, owned);
  const owner = new StoreOwner(stores);
  const stopAsks = createStopAsks();
  const claims = new SharedClaims();
  let isDraining = false;
  let handlers: Handlers | undefined;
  const operator = await openNodeOperator(
    {
      config,
      env,
      setup: { stores, port, host, handlers: () => handlers, admit: (socket) => access.admitOperatorSocket(socket) },
    },
    owned,
  );
  const clientAddress = createClientAddress([]);
  const access = createNodeAccess({
    config,
    operatorKey: operator.key,
    keys: stores.keys,
    tokens: createTokens({ sources: [] }),
    clientAddress,
    isInternal: () => false,
  });
  const reopenLogs = () => {
    logFiles?.reopen();
    audit.reopen();
  };

  const askToStop = async ({ now = false, drainMs }: StopAsked): Promise<StopAnswer> => {
    const clients = await connectionsOf(crew);
    stopAsks.ask({ hurry: now, drainMs });
    const hardLimitMs = stopLimitMs(config.drain, { drainMs });
    return { clients, hardLimitMs, dataDirectory, process: { node: nodeId, pid: process.pid, startedAt } };
  };
  /** With the ports that were chosen, and its part of the memory. */
  const configOfWorker = (wanted: Config): Config => {
    const memoryBytes = wanted.limits.memoryBytes ?? containerBytes();
    return shared.configOf({
      ...wanted,
      limits: { ...wanted.limits, memoryBytes: memoryBytes && memoryBytes / count },
    });
  };
  const reload = createAuditedReload({
    reload: createReload(live, [
      logLevelPart(log),
      logFilesPart(reopenLogs),
      systemsPart(
        {
          has: (system) => stores.systems.has(system),
          addAll: async (systems, createdAt) =>
            void (await owner.write({ type: 'systems.addAll', systems, createdAt })),
        },
        () => live.inForce.systems.list,
      ),
      { prepare: (next) => crew.prepareReload(configOfWorker(next)) },
    ]),
    reopen: reopenLogs,
    audit,
    log,
  });
  const crew = new Crew({
    nodeIds: Array.from({ length: count }, (_, index) => `${nodeId}-${index + 1}`),
    log,
    spawn,
    onLogLine,
    owner,
    beginning: () => {
      return { config: configOfWorker(live.inForce), dataDirectory, cryptoKey, operatorKey: operator.key };
    },
    rpc: {
      host: rpcHost,
      secret: randomBytes(32),
      portOf: (index) => (config.port === 0 || port + 1000 + index > 65_535 ? 0 : port + 1000 + index),
    },
    handlers: {
      audit: (change) => audit.record(change),
      askToStop,
      reload,
      claimPush: ({ id, bodyHash }) => claims.claim(id, bodyHash),
      endPush: (end) => claims.end(end),
    },
  });
  owned.add('the workers', () => crew.kill());

  const http = await createHttpIngress({
    idempotency: createIdempotency({ claims: claimsOver(claims) }),
    access,
    clientAddress: (request) => clientAddress(request),
    systemExists: (system) => stores.systems.has(system),
    systemsRequired: config.systems.required,
    newMessageId: createMessageIds(),
    isDraining: () => isDraining,
    onRefused: () => {},
    executeFor: (actor) => auditedExecute(crew.execute, audit, actor),
    version: { name: 'yunque', version: version(), commit: commit(), node: nodeId, runtime: `node ${process.version}` },
    metrics: () => crew.metrics(),
    readiness: () => ({ ready: crew.takesClients && !isDraining, degraded: false }),
    subscribe: (onEvent, backlog) => crew.subscribe(onEvent, backlog),
    tail: auditedTail((query, onItem) => crew.tail(query, onItem), audit),
    async stop(request, actor: Actor) {
      const answer = await askToStop(request);
      const { now = false, drainMs } = request;
      const result = { clients: answer.clients };
      audit.record({ ...actor, action: 'stop', what: { now, drainMs }, outcome: 'ok', result });
      return answer;
    },
    heapSnapshot: (actor) =>
      audited(
        audit,
        { ...actor, action: 'heapSnapshot' },
        () => crew.heapSnapshot(),
        ({ path, bytes }) => ({ path, bytes }),
      ),
    reload,
    demo: config.demo,
    limits: config.limits,
    logError: (error, where, words = 'an unexpected fault') => log.error({ err: error, where }, words),
  });
  owned.add('the HTTP doors', () => http.close());
  await crew.start();
  await shared.handOver();
  handlers = {
    request: (request, response) => http.handle(request, response),
    upgrade: (_, socket) => void socket.destroy(),
  };
  const scheme = config.tls.cert === undefined ? 'http' : 'https';

  let ending: Promise<void> | undefined;
  const stop: RunningNode['stop'] = async (request = {}) => {
    isDraining = true;
    const limitMs = stopLimitMs(config.drain, request);
    if (ending !== undefined) crew.hurry({ ...request, hurry: true });
    ending ??= (async () => {
      const failures = await crew.stop(request, limitMs + killAfterMs);
      await owned[Symbol.asyncDispose]();
      if (failures.length > 0) throw new Error(failures.join('; '));
      log.info('stopped');
    })();
    await ending;
  };
  return {
    nodeId,
    startedAt,
    port,
    ports,
    addresses: listenAddresses(scheme, config.host, port),
    internalAddresses: internalAddresses(config.internal, internalPort),
    dataDirectory,
    mostConnections: crew.mostConnections,
    workers: count,
    operator,
    stop,
    reload,
    reopenLogs,
    execute: crew.execute,
    onStopAsked: stopAsks.listen,
  };
}

/** 0 where nobody can say. */
async function connectionsOf(crew: Crew): Promise<number> {
  try {
    const { nodes } = await crew.execute({ type: 'stats' });
    return nodes.reduce((sum, { connections }) => sum + connections, 0);
  } catch {
    return 0;
  }
}
