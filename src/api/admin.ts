import type { KeyRole, OperatorRole } from './principal.ts';
import type { Exclusion, Target } from './target.ts';

/**
 * The admin API, `/admin/v1`, as its client and its server both see it. Lists take the fields of `ListQuery` as query
 * parameters: `system`, `search`, `sort`, `descending`, `limit`, `cursor` and `where` (repeatable, `field=value`).
 *
 * | method and path | body | answer |
 * |---|---|---|
 * | GET /version | | `VersionAnswer` |
 * | GET /stats | | `ClusterStats` |
 * | GET /events | | SSE of `NodeEvent`; `?system=&type=a,b&backlog=n` |
 * | POST /send | `SendRequest` | `Receipt` |
 * | POST /send/preview | `PreviewRequest` | `SendPreview`; changes nothing |
 * | GET /connections, /users, /groups, /systems | | `Page<…Info>` |
 * | GET /connections/:id, /users/:uid, /groups/:group, /systems/:system | | one row (`?system=`, default `default`) |
 * | DELETE /connections/:id, /users/:uid | `?system=&reason=` | `KickResult` |
 * | POST /users/online | `{system?, uids[]}` | `OnlineResult` |
 * | GET /groups/:group/members | | `Page<MemberInfo>` |
 * | POST /groups/:group/join, /groups/:group/leave | `MembersRequest` | `MembershipResult` |
 * | DELETE /groups/:group | | `{removed}` |
 * | POST /systems | `{system}` | `SystemInfo` |
 * | DELETE /systems/:system | | `{closed}` |
 * | GET /keys | | `Page<KeyRow>` |
 * | POST /keys | `RotateKeyRequest` | `KeyRotation`: the only time the key is told |
 * | DELETE /keys/:id | | `KeyInfo` |
 * | POST /users/:uid/ban | `BanRequest` | `BanResult` |
 * | DELETE /users/:uid/ban | `?system=` | `{lifted}` |
 * | GET /bans | | `Page<BanInfo>` |
 * | POST /stop | `StopRequest` | `StopAnswer`; taken while draining too |
 * | GET /history | `?id=&system=` | `HistoryAnswer`; `id`: a clientId, cid or uid |
 * | POST /nodes/:node/drain | `DrainRequest` | `NodeDrain`: the node takes no more clients and sends away those it has, and stays; again: at another rate |
 * | DELETE /nodes/:node/drain | | `NodeResume` |
 * | POST /heap-snapshot | `{}` | `HeapSnapshotAnswer`; the node stands still until then |
 * | POST /reload | | `ReloadAnswer`; `bad_config` where the configuration cannot be used, `unavailable` where systems cannot be written: nothing has changed then |
 * | GET /openapi.json | | this, as OpenAPI 3.1 |
 *
 * A refusal is `ErrorBody` with the status of the error table.
 */
export interface SendRequest {
  /** Default `default`. */
  readonly system?: string;
  readonly target: Target;
  readonly exclude?: Exclusion;
  /** A message class of `outbox.classes`, and what of it this is about: what it meets where a receiver does not keep up. */
  readonly class?: string;
  readonly key?: string;
  /** 0, the default. Anything above is refused with `qos_unavailable` as long as messages are not durable. */
  readonly qos?: number;
  /** go-websocket's push, or a MessageProto. `data` is any JSON and is kept byte for byte. */
  readonly push?: {
    readonly sendUserId?: string;
    readonly code?: number;
    readonly msg?: string;
    readonly data?: unknown;
  };
  readonly message?: {
    readonly id?: number | string;
    readonly action?: string;
    readonly content?: Readonly<Record<string, unknown>>;
    readonly sender?: string;
    readonly receiver?: string;
    readonly extra?: Readonly<Record<string, unknown>>;
    readonly title?: string;
    readonly sendTime?: number | string;
    readonly image?: string;
  };
}

export interface MembersRequest {
  readonly system?: string;
  readonly ids?: readonly string[];
  readonly uids?: readonly string[];
  readonly userId?: string;
  readonly extend?: string;
}

/** A new key beside the newest of its owner and role, or with `now` instead of all of them. */
export type RotateKeyRequest = (
  | {
      readonly owner: 'system';
      /** Default `default`. */
      readonly system?: string;
      readonly role: KeyRole;
    }
  | { readonly owner: 'operator'; readonly role: OperatorRole }
) & {
  readonly now?: boolean;
  /** Within `validity.key`; absent: until it is removed. */
  readonly ttlMs?: number;
};

export interface BanRequest {
  /** Default `default`. */
  readonly system?: string;
  /** Within `validity.ban`. */
  readonly forMs: number;
  /** Told to the user; at most 100 characters. */
  readonly reason?: string;
}

export interface StopRequest {
  /** Clients are closed at once instead of spread over `drain.duration`; also hurries a stop that is under way. */
  readonly now?: boolean;
  /** Clients are spread over all of these milliseconds, however few they are, instead of `drain.duration`; of no effect where it stops already. */
  readonly drainMs?: number;
}

/** The node has begun to stop; that it has ended shows when its doors are closed. */
export interface StopAnswer {
  /** That are still to be closed. */
  readonly clients: number;
  /** Stopping takes no longer, in milliseconds: `drain.hardLimit`, or more where a longer drain was asked for. */
  readonly hardLimitMs: number;
  /** On the node's machine: how it ended is left there. */
  readonly dataDirectory: string;
  /** Whose end is the end of it; absent: that of the node that answers. */
  readonly process?: { readonly node: string; readonly pid: number; readonly startedAt: number };
}

export interface DrainRequest {
  /** Clients that are closed in a second; absent: all within `drain.duration`. */
  readonly perSecond?: number;
}

export interface HeapSnapshotAnswer {
  /** On the node's machine. */
  readonly path: string;
  readonly bytes: number;
  /** How long the node stood still for it. */
  readonly ms: number;
}

/** One setting that differs between the configuration as it was read again and what was in force. */
export interface SettingChange {
  readonly key: string;
  /** In the spelling of a file; null: unset; secrets are masked. */
  readonly old: unknown;
  readonly new: unknown;
  readonly effect: 'applied' | 'needs_restart';
}

export interface ReloadAnswer {
  readonly changes: readonly SettingChange[];
  /** About what works and is unwise. */
  readonly warnings: readonly string[];
}

export interface VersionAnswer {
  readonly name: 'yunque';
  readonly version: string;
  readonly commit: string;
  readonly node: string;
  /** Of the JavaScript runtime. */
  readonly runtime: string;
}
