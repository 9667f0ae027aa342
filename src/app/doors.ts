import type { IncomingMessage, RequestListener } from 'node:http';
import type { Access } from '../access/access.ts';
import type { HeapSnapshotAnswer, ReloadAnswer } from '../api/admin.ts';
import type { NodeStats } from '../api/stats.ts';
import type { Config } from '../config/schema.ts';
import type { Uplink } from '../egress/uplink/uplink.ts';
import type { GrpcIngress } from '../ingress/grpc/options.ts';
import type { HttpIngressOptions } from '../ingress/http/options.ts';
import { createHttpIngress, type HttpIngress } from '../ingress/http/server.ts';
import { createWebSocketOnly } from '../ingress/http/websocket-only.ts';
import { createAdmission } from '../ingress/ws/admission.ts';
import { createWsIngress, heartbeatFrames, type WsIngress } from '../ingress/ws/upgrade.ts';
import { tappedUplink } from '../routing/tail/tapped.ts';
import type { Taps } from '../routing/tail/taps.ts';
import type { Idempotency } from '../store/idempotency.ts';
import { type Actor, type Audit, audited } from '../telemetry/audit.ts';
import { auditedExecute } from '../telemetry/audited-execute.ts';
import type { Logger } from '../telemetry/log.ts';
import { createMetrics, type MetricsSource } from '../telemetry/prometheus.ts';
import { Expiries } from '../transport/expiries.ts';
import { Heartbeats } from '../transport/heartbeats.ts';
import { InboundGuard } from '../transport/inbound-guard.ts';
import { Outboxes } from '../transport/outbox.ts';
import type { WsConnection } from '../transport/ws-connection.ts';
import { TimingWheel } from '../util/timing-wheel.ts';
import { commit, version } from '../util/version.ts';
import { auditedTail } from './audited-tail.ts';
import type { Core } from './core.ts';
import { createGrpcDoor } from './grpc-door.ts';
import { admissionLimits, maxPayloadBytes } from './limits.ts';
import { countConnections } from './node-stats.ts';
import type { Owned } from './owned.ts';
import { createOnRefused } from './refusals.ts';
import type { TlsPair } from './tls-files.ts';

export interface DoorOptions {
  readonly config: Config;
  readonly core: Core;
  readonly access: Access;
  readonly log: Logger;
  readonly state: () => NodeStats['state'];
  /** Not: drained, and there to stay. */
  readonly isStopping: () => boolean;
  /** Whether the node is proven to deliver. */
  readonly isDelivering: () => boolean;
  /** What is the matter with the cluster; empty: nothing. */
  readonly troubles: () => readonly string[];
  /** Where requests of clients go. */
  readonly uplink: Uplink;
  /** What all doors for pushes share. */
  readonly idempotency: Idempotency;
  /** Absent: no TLS. */
  readonly certificate: () => TlsPair | undefined;
  /** Other processes listen on the same ports. */
  readonly isShared: boolean;
  /** Why the node takes no newcomers; undefined: it does. */
  readonly shedding: () => string | undefined;
  /** Begins to stop what this node belongs to, and writes down who asked. */
  readonly stop: HttpIngressOptions['stop'];
  readonly heapSnapshot: () => Promise<HeapSnapshotAnswer>;
  readonly reload: (actor: Actor) => Promise<ReloadAnswer>;
  readonly audit: Audit;
  readonly clientAddress: (request: IncomingMessage) => string;
  /** Of the nodes behind these ports together; absent: of this one. */
  readonly metrics?: () => Promise<string>;
  readonly subscribe?: HttpIngressOptions['subscribe'];
  /** Of all nodes; absent: of this one. */
  readonly tail?: Taps['open'];
  readonly probeSystemOf: (request: IncomingMessage) => string | undefined;
}

/** Of all deadlines: how late any of them may be. */
const wheelTickMs = 100;

/** What a scrape shows of this node. */
export function metricsSourceOf(core: Pick<Core, 'nodeStats' | 'registry' | 'counters'>): MetricsSource {
  return {
    stats: core.nodeStats,
    connections: () => countConnections(core.registry),
    durations: core.counters,
    uplink: core.counters.uplink,
  };
}

export interface Doors {
  readonly http: HttpIngress;
  readonly webSocketOnly: RequestListener;
  readonly ws: WsIngress;
  /** Listens on its own from `listen` on; absent where it is off. */
  readonly grpc: GrpcIngress | undefined;
}

/** The ways in: HTTP and gRPC for backends and the operator, WebSocket for clients. */
export async function createDoors(options: DoorOptions, owned: Owned): Promise<Doors> {
  const { config, core, access, log, state } = options;
  const { counters, events, registry, systems, codecs, nodeId } = core;
  const { limits } = config;
  const shared = {
    access,
    clientAddress: options.clientAddress,
    systemExists: (system: string) => systems.has(system),
    systemsRequired: config.systems.required,
    onRefused: createOnRefused({ counters, events, log }),
  };
  const onError = (error: unknown, where: string, words = 'an unexpected fault') =>
    log.error({ err: error, where }, words);

  const wheel = new TimingWheel({ tickMs: wheelTickMs, onFault: (error) => onError(error, 'a deadline') });
  wheel.start();
  owned.add('the wheel of deadlines', () => wheel.stop());
  const heartbeats = new Heartbeats(
    {
      json: config.heartbeat.json,
      protobuf: config.heartbeat.protobuf,
      get bindTimeoutMs() {
        return config.bindTimeoutMs;
      },
    },
    heartbeatFrames(codecs),
    wheel,
  );
  const inbound = new InboundGuard(limits, wheel);
  const expiries = new Expiries<WsConnection>(wheel, {
    onDue: (connection) => connection.close('token_expired'),
    onFault: (error) => onError(error, 'the end of a token'),
  });
  const outboxes = new Outboxes(registry.turn, config.outbox, wheel);
  const ws = createWsIngress({
    ...shared,
    isDraining: () => state() === 'draining',
    codecs,
    transport: {
      heartbeats,
      outboxes,
      onDropped: (reason) => counters.drop(reason),
      onClosing: (connection) => registry.serve(connection),
    },
    session: {
      sessions: core.sessions,
      counters,
      heartbeats,
      expiries,
      judgeBind: access.judgeBind,
      nodeId,
      idBytes: limits.idBytes,
      uplink: tappedUplink(options.uplink, core.taps),
      clientIdOf: (connection) => registry.clientIdOf(connection),
      onBindRefused: ({ remoteAddress }, error, message, detail) => {
        shared.onRefused({ error, what: `bind: ${message}`, remoteAddress }, detail);
      },
    },
    newCid: core.newCid,
    compressFromBytes: config.compression.enabled ? config.compression.thresholdBytes : undefined,
    maxPayloadBytes: (dialect) => maxPayloadBytes(config, dialect),
    admission: createAdmission({
      ...admissionLimits(limits),
      get connections() {
        return limits.connections;
      },
      shedding: options.shedding,
    }),
    inbound,
    probeSystemOf: options.probeSystemOf,
    onError,
  });

  // Who has not bound is not in the registry, and could bind in a later system of the same name.
  events.subscribe((event) => {
    if (event.type === 'system_removed') ws.closePending('unknown_system', event.system);
  });

  const forBackends = {
    ...shared,
    isDraining: options.isStopping,
    executeFor: (actor: Actor) => auditedExecute(core.execute, options.audit, actor),
    newMessageId: core.newMessageId,
    idempotency: options.idempotency,
    limits,
    readiness: () => ({
      ready: state() === 'serving' && options.isDelivering(),
      degraded: options.shedding() !== undefined || options.troubles().length > 0,
    }),
    logError: onError,
  };
  const http = await createHttpIngress({
    ...forBackends,
    version: { name: 'yunque', version: version(), commit: commit(), node: nodeId, runtime: `node ${process.version}` },
    metrics: options.metrics ?? createMetrics(metricsSourceOf(core)),
    subscribe: options.subscribe ?? ((onEvent, backlog) => events.subscribe(onEvent, backlog)),
    tail: auditedTail(options.tail ?? ((query, onItem) => core.taps.open(query, onItem)), options.audit),
    stop: options.stop,
    heapSnapshot: (actor) =>
      audited(options.audit, { ...actor, action: 'heapSnapshot' }, options.heapSnapshot, ({ path, bytes }) => ({
        path,
        bytes,
      })),
    reload: options.reload,
    demo: config.demo,
    websocketPaths: Object.keys(config.paths),
  });
  owned.add('the HTTP doors', () => http.close());
  const { isShared } = options;
  const grpc = await createGrpcDoor({ ...forBackends, config, isShared, tls: options.certificate() }, owned);
  return { grpc, http, webSocketOnly: createWebSocketOnly(shared), ws };
}
