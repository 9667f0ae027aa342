import type { HistoryAnswer } from './history.ts';
import type { BanInfo, KeyGrant, KeyInfo, KeyRotation, KeyRow } from './keys.ts';
import type {
  ConnectionInfo,
  GroupInfo,
  ListQuery,
  MemberInfo,
  MissingNodes,
  Page,
  SystemInfo,
  UserInfo,
} from './listing.ts';
import type { EncodedForm, Message } from './message.ts';
import type { MessageClass } from './message-class.ts';
import type { SendPreview } from './preview.ts';
import type { ListReceipt, Receipt } from './receipt.ts';
import type { ClusterStats } from './stats.ts';
import type { ConnectionRef, Exclusion, Target } from './target.ts';

/** The way a command came in; the label of `yunque_messages_in_total`. */
export const doors = ['http', 'admin', 'grpc', 'channel', 'stream', 'kafka', 'rabbitmq', 'client', 'probe'] as const;
/** `peer`: it came in on another node, which has counted it. */
export type Door = (typeof doors)[number] | 'peer';

/**
 * Everything that can be asked of yunque. Every door decodes into one of these and calls `execute`; access has been
 * judged before. `system` is the tenant the command acts in; nothing a command does reaches another one.
 */
export type Command =
  | PushCommand
  | PushListCommand
  | PreviewCommand
  | JoinCommand
  | LeaveCommand
  | RemoveGroupCommand
  | KickCommand
  | AddSystemCommand
  | RemoveSystemCommand
  | ListSystemsCommand
  | ListGroupsCommand
  | ListMembersCommand
  | ListClientIdsCommand
  | ListConnectionsCommand
  | ListUsersCommand
  | OnlineCommand
  | StatsCommand
  | PingNodeCommand
  | DrainNodeCommand
  | ResumeNodeCommand
  | HistoryCommand
  | RotateKeyCommand
  | RemoveKeyCommand
  | ListKeysCommand
  | BanCommand
  | UnbanCommand
  | ListBansCommand;

export interface PushCommand {
  readonly type: 'push';
  readonly door: Door;
  readonly system: string;
  readonly target: Target;
  readonly message: Message;
  readonly exclude?: Exclusion;
  /** Only connections on these nodes (the Sid list of MessagesPubProto). */
  readonly nodes?: readonly string[];
  /** What receivers that do not keep up are spared, or spare the others. Absent: they are disconnected. */
  readonly class?: MessageClass;
}

export interface PushListCommand {
  readonly type: 'pushList';
  readonly door: Door;
  readonly system: string;
  readonly items: readonly PushListItem[];
  /** Of all of them. */
  readonly class?: MessageClass;
}

/** One message of a list, as a push of its own has it. */
export type PushListItem = Pick<PushCommand, 'target' | 'exclude' | 'nodes'> & {
  readonly message: Message | EncodedForm;
};

/** Who would get a push that names the same; nothing is sent. Fails with `unknown_system`. */
export interface PreviewCommand {
  readonly type: 'preview';
  readonly system: string;
  readonly target: Target;
  readonly exclude?: Exclusion;
}

/** Who joins or leaves a group: connections, or users with all their connections, present and future. */
export type MemberSelector =
  | { readonly by: 'connections'; readonly ids: readonly ConnectionRef[] }
  | { readonly by: 'users'; readonly uids: readonly string[] };

export interface JoinCommand {
  readonly type: 'join';
  readonly system: string;
  readonly group: string;
  readonly members: MemberSelector;
  /** Labels for the notices; never an identity. */
  readonly userId?: string;
  readonly extend?: string;
}

export interface LeaveCommand {
  readonly type: 'leave';
  readonly system: string;
  readonly group: string;
  readonly members: MemberSelector;
}

/** `matched`: connections found; `changed`: memberships that came or went; `unknown`: refs and uids nobody holds. */
export interface MembershipResult {
  readonly matched: number;
  readonly changed: number;
  readonly unknown: readonly string[];
  readonly missingNodes?: MissingNodes;
}

export interface RemoveGroupCommand {
  readonly type: 'removeGroup';
  readonly system: string;
  readonly group: string;
}

export interface KickCommand {
  readonly type: 'kick';
  readonly system: string;
  readonly target: Target;
  readonly reason?: string;
}

export interface KickResult {
  readonly matched: number;
  readonly closed: number;
  readonly missingNodes?: MissingNodes;
}

/** Fails with `system_exists`. */
export interface AddSystemCommand {
  readonly type: 'addSystem';
  readonly system: string;
}

/** Closes the system's connections, then forgets it. Fails with `unknown_system`, or `bad_request` for `default`. */
export interface RemoveSystemCommand {
  readonly type: 'removeSystem';
  readonly system: string;
}

export interface ListSystemsCommand {
  readonly type: 'listSystems';
  readonly query: ListQuery;
}

export interface ListGroupsCommand {
  readonly type: 'listGroups';
  readonly query: ListQuery;
}

export interface ListMembersCommand {
  readonly type: 'listMembers';
  readonly system: string;
  readonly group: string;
  readonly query: ListQuery;
}

/** The clientIds of all members at once, as go-websocket's API answers them. */
export interface ListClientIdsCommand {
  readonly type: 'listClientIds';
  readonly system: string;
  readonly group: string;
}

export interface ClientIdList {
  readonly clientIds: readonly string[];
  readonly missingNodes?: MissingNodes;
}

export interface ListConnectionsCommand {
  readonly type: 'listConnections';
  readonly query: ListQuery;
}

export interface ListUsersCommand {
  readonly type: 'listUsers';
  readonly query: ListQuery;
}

export interface OnlineCommand {
  readonly type: 'online';
  readonly system: string;
  readonly uids?: readonly string[];
  readonly ids?: readonly ConnectionRef[];
}

/** Connections held by each uid and each ref asked for; 0 means offline, or, where nodes are missing, that nobody who answered holds any. */
export interface OnlineResult {
  readonly users: Readonly<Record<string, number>>;
  readonly connections: Readonly<Record<string, number>>;
  readonly missingNodes?: MissingNodes;
}

export interface StatsCommand {
  readonly type: 'stats';
}

/** Fails with `unknown_node`. */
export interface PingNodeCommand {
  readonly type: 'pingNode';
  readonly node: string;
}

/** `ms`: there and back over the RPC, 0 for the node that was asked itself; absent: no answer in time. */
export interface NodePing {
  readonly node: string;
  /** The node that was asked. */
  readonly from: string;
  readonly ms?: number;
}

/**
 * That node takes no more clients, sends away those it has, and stays until it is resumed or stopped. One that drains already goes on at this
 * rate. Fails with `unknown_node`, `unavailable` where it does not answer, `going_away` where it stops.
 */
export interface DrainNodeCommand {
  readonly type: 'drainNode';
  readonly node: string;
  /** Clients closed in a second; absent: all within `drain.duration`. */
  readonly perSecond?: number;
}

/** `clients`: that are still to be sent away. */
export interface NodeDrain {
  readonly node: string;
  readonly clients: number;
}

/** That node takes clients again. Fails as `drainNode` does. */
export interface ResumeNodeCommand {
  readonly type: 'resumeNode';
  readonly node: string;
}

/** `wasDrained`: an operator had asked for a drain, which is over now. */
export interface NodeResume {
  readonly node: string;
  readonly wasDrained: boolean;
}

/** What is remembered of a client (a clientId or cid) or a user. Fails with `unknown_system`. */
export interface HistoryCommand {
  readonly type: 'history';
  readonly system: string;
  readonly id: string;
}

/** Makes a key; of the older ones of its owner and role the newest stays valid, or with `now` none. Fails with `unknown_system`. */
export interface RotateKeyCommand {
  readonly type: 'rotateKey';
  readonly grant: KeyGrant;
  readonly now?: boolean;
  /** Milliseconds from now; absent: until it is removed. */
  readonly ttlMs?: number;
}

/** Fails with `unknown_key`. */
export interface RemoveKeyCommand {
  readonly type: 'removeKey';
  readonly id: string;
}

export interface ListKeysCommand {
  readonly type: 'listKeys';
  readonly query: ListQuery;
}

/** Closes the user's connections, and refuses its binds for `forMs` milliseconds. A second ban replaces the first. */
export interface BanCommand {
  readonly type: 'ban';
  readonly system: string;
  readonly uid: string;
  readonly forMs: number;
  /** Told to the user. */
  readonly reason?: string;
}

/** `until`: milliseconds since the epoch. */
export interface BanResult {
  readonly closed: number;
  readonly until: number;
  readonly missingNodes?: MissingNodes;
}

export interface UnbanCommand {
  readonly type: 'unban';
  readonly system: string;
  readonly uid: string;
}

/** Those that hold. */
export interface ListBansCommand {
  readonly type: 'listBans';
  readonly query: ListQuery;
}

interface Results {
  push: Receipt;
  pushList: ListReceipt;
  preview: SendPreview;
  join: MembershipResult;
  leave: MembershipResult;
  removeGroup: { readonly removed: number; readonly missingNodes?: MissingNodes };
  kick: KickResult;
  addSystem: SystemInfo;
  removeSystem: { readonly closed: number; readonly missingNodes?: MissingNodes };
  listSystems: Page<SystemInfo>;
  listGroups: Page<GroupInfo>;
  listMembers: Page<MemberInfo>;
  listClientIds: ClientIdList;
  listConnections: Page<ConnectionInfo>;
  listUsers: Page<UserInfo>;
  online: OnlineResult;
  stats: ClusterStats;
  pingNode: NodePing;
  drainNode: NodeDrain;
  resumeNode: NodeResume;
  history: HistoryAnswer;
  rotateKey: KeyRotation;
  removeKey: KeyInfo;
  listKeys: Page<KeyRow>;
  ban: BanResult;
  unban: { readonly lifted: boolean };
  listBans: Page<BanInfo>;
}

export type ResultOf<C extends Command> = Results[C['type']];

/** The one behaviour behind every door. Rejects with a `YunqueError` from the error table, with nothing else. */
export type Execute = <C extends Command>(command: C) => Promise<ResultOf<C>>;
