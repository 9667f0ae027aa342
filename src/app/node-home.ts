import type { Socket } from 'node:net';
import type { ReloadAnswer, StopAnswer, StopRequest } from '../api/admin.ts';
import type { LiveConfig } from '../config/live-config.ts';
import type { Config } from '../config/schema.ts';
import type { HttpIngressOptions } from '../ingress/http/options.ts';
import type { Taps } from '../routing/tail/taps.ts';
import type { Actor, Audit } from '../telemetry/audit.ts';
import type { Logger } from '../telemetry/log.ts';
import { type RuntimeEnv, runtimeDirectory } from '../util/runtime-paths.ts';
import { createAuditedReload } from './audited-reload.ts';
import { type Core, type CoreOptions, createCore } from './core.ts';
import type { Handlers } from './listen.ts';
import { openNodeAudit } from './node-audit.ts';
import type { ClusterSide } from './node-stats.ts';
import { openOperatorDoor } from './operator-door.ts';
import type { Owned } from './owned.ts';
import { type Marks, ownMarks } from './queues/marks.ts';
import { createReload, type ReloadPart } from './reload.ts';
import { stopLimitMs } from './stop.ts';
import { createStopAsks, type StopAsk } from './stop-asks.ts';
import { openStores, type Stores } from './stores.ts';

/** What a node has of its own where it is alone, and of its supervisor where it is a worker. */
export interface NodeHome {
  /** Others accept on the same ports. */
  readonly isShared: boolean;
  openStores(port: number, owned: Owned): Promise<Stores>;
  openAudit(stores: Stores, owned: Owned): Audit;
  openOperator(door: OperatorDoorSetup, owned: Owned): Promise<Operator>;
  createCore(options: CoreOptions, owned: Owned): Core | Promise<Core>;
  /** Called once `createCore` was. */
  openMarks(owned: Owned): Marks;
  /** Tells this start of the node from earlier ones, and is greater than theirs; once `createCore` was called. Absent: the time of the start. */
  readonly incarnation?: number;
  /** Ids of all nodes that are alive; absent: it is alone. */
  readonly members?: () => readonly string[];
  /** Told of another incarnation of this node, which the others took for dead. */
  onReentry?(listener: (incarnation: number) => void): void;
  /** Told of systems that others have removed. */
  onSystemRemoved?(listener: (system: string) => void): void;
  /** Meets the other nodes: called once everything is there that they may ask, before the node takes clients. */
  join?(): Promise<void>;
  /** Of a node in a cluster, once `createCore` was called. */
  readonly cluster?: ClusterSide | undefined;
  /** Clients are being sent away from now on. */
  onDraining?(): void;
  /** An operator sends clients away, or lets them come again. */
  onDrained?(isDrained: boolean): void;
  createReload(reloading: Reloading): (actor: Actor) => Promise<ReloadAnswer>;
  /** Asks for the end of the whole; `clients` are those of this node. */
  askToStop(request: StopRequest, clients: number): StopAnswer | Promise<StopAnswer>;
  /** Told what was asked through the admin API. */
  onStopAsked(listener: (ask: StopAsk) => void): void;
  /** Of all nodes behind the port; absent: of this one. */
  readonly metrics?: () => Promise<string>;
  readonly subscribe?: HttpIngressOptions['subscribe'];
  /** Over all nodes; absent: this one. */
  readonly tail?: Taps['open'];
}

export interface OperatorDoorSetup {
  readonly stores: Stores;
  readonly port: number;
  /** The address the port is bound to. */
  readonly host: string;
  readonly handlers: () => Handlers | undefined;
  readonly admit: (socket: Socket) => void;
}

export interface Operator {
  readonly key: string;
  readonly keyFile: string | undefined;
  readonly socketFile: string | undefined;
}

export interface Reloading {
  readonly parts: readonly ReloadPart[];
  readonly stores: Stores;
  readonly audit: Audit;
  readonly reopenLogs: () => void;
}

export interface OwnHomeOptions {
  readonly live: LiveConfig;
  readonly env: RuntimeEnv;
  readonly log: Logger;
}

/** The home of a node that is alone. */
export function createOwnHome({ live, env, log }: OwnHomeOptions): NodeHome {
  const { config } = live;
  const stopAsks = createStopAsks();
  let dataDirectory = '';
  return {
    isShared: false,
    async openStores(port, owned) {
      const stores = await openNodeStores({ config, env, log, port }, owned);
      dataDirectory = stores.dataDirectory;
      return stores;
    },
    openAudit: ({ nodeId, dataDirectory }, owned) =>
      openNodeAudit({ nodeId, dataDirectory, settings: config.log, log }, owned),
    openOperator: (setup, owned) => openNodeOperator({ config, env, setup }, owned),
    createCore,
    openMarks: (owned) => ownMarks(owned),
    createReload: ({ parts, audit, reopenLogs }) =>
      createAuditedReload({ reload: createReload(live, parts), reopen: reopenLogs, audit, log }),
    askToStop({ now = false, drainMs }, clients) {
      stopAsks.ask({ hurry: now, drainMs });
      return { clients, hardLimitMs: stopLimitMs(config.drain, { drainMs }), dataDirectory };
    },
    onStopAsked: stopAsks.listen,
  };
}

/** As `openStores`; what is to be known of it goes to the log. */
export function openNodeStores(
  { config, env, log, port }: { config: Config; env: RuntimeEnv; log: Logger; port: number },
  owned: Owned,
): Promise<Stores> {
  return openStores(
    {
      config,
      env,
      port,
      warn: (line) => log.warn(line),
      onUpgrade: (upgrade) => log.info(upgrade, 'a file of an older release was brought up to date, after a backup'),
    },
    owned,
  );
}

/** The operator's door of this machine, closed with its owner. */
export async function openNodeOperator(
  { config, env, setup }: { config: Pick<Config, 'operator'>; env: RuntimeEnv; setup: OperatorDoorSetup },
  owned: Owned,
): Promise<Operator> {
  const { stores, ...door } = setup;
  const operator = await openOperatorDoor({
    ...door,
    directories: [runtimeDirectory(env), stores.dataDirectory],
    key: config.operator.key,
    group: config.operator.group,
  });
  owned.add('the operator’s door', () => operator.close());
  return operator;
}
