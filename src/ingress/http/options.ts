import type { IncomingMessage } from 'node:http';
import type { Access } from '../../access/access.ts';
import type { HeapSnapshotAnswer, ReloadAnswer, StopAnswer, StopRequest, VersionAnswer } from '../../api/admin.ts';
import type { Execute } from '../../api/command.ts';
import type { ErrorCode } from '../../api/errors.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { TailItem, TailQuery } from '../../api/tail.ts';
import type { Idempotency } from '../../store/idempotency.ts';
import type { Actor } from '../../telemetry/audit.ts';
import type { Awaitable } from '../../util/awaitable.ts';

export interface HttpLimits {
  /** Of one request's body, before and after it is read. Above: 413 while it still streams in. */
  readonly bodyBytes: number;
  /** Of all bodies that are being read and answered. */
  readonly bodiesBytes: number;
  /** Entries of a list of ids or of messages. */
  readonly batch: number;
  /** Nested arrays and objects in a JSON body. */
  readonly jsonDepth: number;
  /** UTF-8 bytes of a uid, a clientId, a group name or a system id. */
  readonly idBytes: number;
}

export interface Refusal {
  readonly error: ErrorCode;
  /** Method and path, without the query. */
  readonly what: string;
  readonly remoteAddress: string;
}

/** What the HTTP doors need of the node. */
export interface HttpIngressOptions {
  /** The behaviour, on behalf of whoever asks. */
  executeFor(actor: Actor): Execute;
  readonly access: Access;
  /** Whom a request comes from, for events and logs. */
  clientAddress(request: IncomingMessage): string;
  systemExists(system: string): Awaitable<boolean>;
  newMessageId(): string;
  /** Of pushes that come with an `Idempotency-Key`. */
  readonly idempotency: Idempotency;
  readonly version: VersionAnswer;
  /** Prometheus text. */
  metrics(): Promise<string>;
  readiness(): { readonly ready: boolean; readonly degraded: boolean };
  /** First the last `backlog` events and as many refusals, then each new one, until the returned function is called. */
  subscribe(onEvent: (event: NodeEvent) => void, backlog: number): () => void;
  /** Copies what meets the query on all nodes, until the returned function is called. Writes down who asked, where bodies are shown. */
  tail(query: TailQuery, actor: Actor, onItem: (item: TailItem) => void): () => void;
  /** Called once for every request that was not let through. */
  onRefused(refusal: Refusal): void;
  /** Writes one; rejects with `unavailable` where there is no room for it. */
  heapSnapshot(actor: Actor): Promise<HeapSnapshotAnswer>;
  /** Begins to stop the node. Called again it may hurry. */
  stop(request: StopRequest, actor: Actor): StopAnswer | Promise<StopAnswer>;
  /** Reads the configuration again. Rejects with `bad_config`. */
  reload(actor: Actor): Promise<ReloadAnswer>;
  /** While true, every POST but the one that stops is answered 503 with Retry-After. */
  isDraining(): boolean;
  /** Serves the demo accounts of `/login`. */
  readonly demo: boolean;
  /** Where true, the yunque-socket family insists on a SystemId too, instead of taking `default`. */
  readonly systemsRequired: boolean;
  readonly limits: HttpLimits;
  /** Paths of the WebSocket dialects: a plain GET there is answered 426 instead of 404. */
  readonly websocketPaths?: readonly string[];
  /** Milliseconds since the epoch; default `Date.now`. */
  now?(): number;
  /** Of faults that are ours. `where` is method and path. */
  logError(error: unknown, where: string, words?: string): void;
}
