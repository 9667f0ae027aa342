import type { HeapSnapshotAnswer, ReloadAnswer, SettingChange, StopAnswer, StopRequest } from '../../api/admin.ts';
import type { Command } from '../../api/command.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { RpcNode } from '../../bus/rpc/members.ts';
import type { Config } from '../../config/schema.ts';
import type { TapOrder, TappedCopies } from '../../routing/tail/remote-taps.ts';
import type { StoreChange, StoreSnapshot, StoreWrite } from '../../store/replica/changes.ts';
import type { Actor, Change } from '../../telemetry/audit.ts';
import type { MetricJson } from '../../telemetry/histogram.ts';
import type { StopRequest as NodeStop } from '../stop.ts';
import type { startWords } from './channel.ts';
import type { ClaimAnswer, ClaimEnd } from './shared-claims.ts';

/** What a worker begins with. It comes over the channel between the processes, so no one else sees the secrets in it. */
export interface Beginning {
  readonly nodeId: string;
  readonly incarnation: number;
  /** All workers there are to be. */
  readonly nodeIds: readonly string[];
  /** Of its cids and logins. */
  readonly lease: number;
  /** As it is in force, with the ports that were chosen. */
  readonly config: Config;
  readonly dataDirectory: string;
  readonly cryptoKey: string;
  readonly operatorKey: string;
  readonly stores: StoreSnapshot;
  readonly rpc: { readonly host: string; readonly port: number; readonly secret: Buffer };
}

/** What a worker is once it serves. */
export interface WorkerFacts {
  readonly startedAt: number;
  /** Infinite: neither limits nor descriptors say. */
  readonly mostConnections: number;
}

/** What a worker answers its supervisor. */
export type WorkerCalls = {
  begin: { request: Beginning; answer: unknown };
  /** Answered at once by a process that does not stand still. */
  ping: { request: undefined; answer: unknown };
  /** Resolves when the copy knows it. */
  storeChange: { request: StoreChange; answer: unknown };
  members: { request: readonly RpcNode[]; answer: unknown };
  execute: { request: Command; answer: unknown };
  metrics: { request: undefined; answer: readonly MetricJson[] };
  heapSnapshot: { request: undefined; answer: HeapSnapshotAnswer };
  stop: { request: NodeStop; answer: unknown };
  prepareReload: {
    request: Config;
    answer: { readonly warnings: readonly string[]; readonly changes: readonly SettingChange[] };
  };
  commitReload: { request: undefined; answer: unknown };
  discardReload: { request: undefined; answer: unknown };
  /** Its events go to the supervisor from now on. */
  watch: { request: { readonly id: number; readonly backlog: number }; answer: unknown };
  unwatch: { request: number; answer: unknown };
  /** For somebody who watches all nodes through this worker. */
  watched: { request: { readonly id: number; readonly event: NodeEvent }; answer: unknown };
  /** Of readers at the supervisor. */
  tap: { request: TapOrder; answer: unknown };
};

/** What a supervisor answers its worker. */
export type SupervisorCalls = {
  storeWrite: { request: StoreWrite; answer: unknown };
  audit: { request: Change; answer: unknown };
  /** A push with an idempotency key is to be done; waits while another worker does the same. */
  claimPush: { request: { readonly id: string; readonly bodyHash: string }; answer: ClaimAnswer };
  endPush: { request: ClaimEnd; answer: unknown };
  /** Its RPC listens; answers all nodes. */
  enter: { request: RpcNode; answer: readonly RpcNode[] };
  serving: { request: WorkerFacts; answer: unknown };
  /** It could not start for something the operator can mend. */
  failed: { request: ReturnType<typeof startWords>; answer: unknown };
  askToStop: { request: StopRequest; answer: StopAnswer };
  reload: { request: Actor; answer: ReloadAnswer };
  metrics: { request: undefined; answer: string };
  event: { request: { readonly id: number; readonly event: NodeEvent }; answer: unknown };
  watchAll: { request: { readonly id: number; readonly backlog: number }; answer: unknown };
  unwatchAll: { request: number; answer: unknown };
  tapped: { request: TappedCopies; answer: unknown };
  /** Whether an operator has drained it; one that starts is not. */
  drained: { request: boolean; answer: unknown };
};
