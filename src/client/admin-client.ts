import type {
  BanRequest,
  DrainRequest,
  HeapSnapshotAnswer,
  MembersRequest,
  ReloadAnswer,
  RotateKeyRequest,
  SendRequest,
  StopAnswer,
  StopRequest,
  VersionAnswer,
} from '../api/admin.ts';
import type {
  BanResult,
  KickResult,
  MembershipResult,
  NodeDrain,
  NodePing,
  NodeResume,
  OnlineResult,
} from '../api/command.ts';
import type { HistoryAnswer } from '../api/history.ts';
import type { BanInfo, KeyInfo, KeyRotation, KeyRow } from '../api/keys.ts';
import type {
  ConnectionInfo,
  GroupInfo,
  ListQuery,
  MemberInfo,
  Page,
  Shown,
  SystemInfo,
  UserInfo,
} from '../api/listing.ts';
import type { PreviewRequest, SendPreview } from '../api/preview.ts';
import type { OperatorRole } from '../api/principal.ts';
import type { Receipt } from '../api/receipt.ts';
import type { SnapshotAnswer, SnapshotQuery } from '../api/snapshot.ts';
import type { ClusterStats, NodeStats } from '../api/stats.ts';
import { answered, answerShapes } from './answered.ts';
import { type EventQuery, type EventStreamItem, watchEvents } from './events.ts';
import { createHttpExchange, type Outgoing } from './http-exchange.ts';
import { listPath, withQuery } from './list-path.ts';
import { readOnlyExchange } from './read-only.ts';
import { sendBody } from './send-body.ts';
import { type TailRequest, type TailStreamItem, watchTail } from './tail.ts';

export interface AdminClientOptions {
  /** `http:` or `https:`; one of `url` and `socketPath` is needed. */
  readonly url?: string | undefined;
  /** The operator socket (a named pipe on Windows): needs no key. */
  readonly socketPath?: string | undefined;
  /** PEM; the authorities to trust in the place of those the program knows. */
  readonly ca?: string | undefined;
  /** The operator key. */
  readonly key?: string | undefined;
  /** Asks for no more than this role may do, whatever the key may. */
  readonly role?: OperatorRole | undefined;
  /** Sends nothing that could change anything: `ClientError` `refused` in its place. */
  readonly readOnly?: boolean | undefined;
  /** Default 5000; per request, connecting included. */
  readonly timeoutMs?: number | undefined;
  /** Ends what is under way with `ClientError` `interrupted`. */
  readonly signal?: AbortSignal | undefined;
}

export interface InSystem {
  /** Default `default`. */
  readonly system?: string | undefined;
}

export interface KickOptions extends InSystem {
  readonly reason?: string | undefined;
}

/** The admin API of one node, one method per endpoint. Every promise rejects with `ClientError` and nothing else. */
export interface AdminClient {
  /** Whom it talks to, for messages to people. */
  readonly where: string;
  version(): Promise<VersionAnswer>;
  stats(): Promise<ClusterStats>;
  /** The stats and, where one is named, a page of a list; it rejects where there are no stats. */
  snapshot(query?: SnapshotQuery): Promise<SnapshotAnswer>;
  node(id: string): Promise<NodeStats>;
  /** From the node that is asked, over the RPC. */
  pingNode(id: string): Promise<NodePing>;
  /** It stays, and takes no clients until `resumeNode`. Answered when it has begun. */
  drainNode(id: string, request?: DrainRequest): Promise<NodeDrain>;
  resumeNode(id: string): Promise<NodeResume>;
  /** Of a clientId, cid or uid. */
  history(id: string, options?: InSystem): Promise<HistoryAnswer>;
  openapi(): Promise<unknown>;
  /** The live events, connected again after a loss until `signal` or the loop's end. */
  events(query?: EventQuery): AsyncGenerator<EventStreamItem, void, undefined>;
  /** Copies of the traffic, connected again after a loss until `signal` or the loop's end. */
  tail(query?: TailRequest): AsyncGenerator<TailStreamItem, void, undefined>;
  /** `dataText`: JSON text for `push.data`, sent byte for byte. */
  send(request: SendRequest, dataText?: string): Promise<Receipt>;
  /** Who a message would reach; nothing is sent. */
  previewSend(request: PreviewRequest): Promise<SendPreview>;
  connections(query?: ListQuery): Promise<Page<ConnectionInfo>>;
  users(query?: ListQuery): Promise<Page<UserInfo>>;
  groups(query?: ListQuery): Promise<Page<GroupInfo>>;
  systems(query?: ListQuery): Promise<Page<SystemInfo>>;
  members(group: string, query?: ListQuery): Promise<Page<MemberInfo>>;
  connection(id: string, options?: InSystem): Promise<ConnectionInfo>;
  user(uid: string, options?: InSystem): Promise<Shown<UserInfo>>;
  group(group: string, options?: InSystem): Promise<Shown<GroupInfo>>;
  system(system: string): Promise<Shown<SystemInfo>>;
  kickConnection(id: string, options?: KickOptions): Promise<KickResult>;
  kickUser(uid: string, options?: KickOptions): Promise<KickResult>;
  online(uids: readonly string[], options?: InSystem): Promise<OnlineResult>;
  join(group: string, request: MembersRequest): Promise<MembershipResult>;
  leave(group: string, request: MembersRequest): Promise<MembershipResult>;
  removeGroup(group: string, options?: InSystem): Promise<Shown<{ readonly removed: number }>>;
  addSystem(system: string): Promise<SystemInfo>;
  removeSystem(system: string): Promise<Shown<{ readonly closed: number }>>;
  keys(query?: ListQuery): Promise<Page<KeyRow>>;
  rotateKey(request: RotateKeyRequest): Promise<KeyRotation>;
  removeKey(id: string): Promise<KeyInfo>;
  bans(query?: ListQuery): Promise<Page<BanInfo>>;
  ban(uid: string, request: BanRequest): Promise<BanResult>;
  unban(uid: string, options?: InSystem): Promise<{ readonly lifted: boolean }>;
  stop(request?: StopRequest): Promise<StopAnswer>;
  /** `timeoutMs`: instead of the client's own. */
  heapSnapshot(options: { readonly timeoutMs: number }): Promise<HeapSnapshotAnswer>;
  /** `bad_config` where the configuration cannot be used. */
  reload(): Promise<ReloadAnswer>;
  /** Gives the kept connections back. */
  close(): void;
  [Symbol.dispose](): void;
}

const base = '/admin/v1';

export function createAdminClient(options: AdminClientOptions): AdminClient {
  const url = options.url === undefined ? undefined : new URL(options.url);
  const whole = createHttpExchange({ ...options, url, timeoutMs: options.timeoutMs ?? 5000 });
  const exchange = options.readOnly === true ? readOnlyExchange(whole) : whole;
  // The answers are the node's word for these types; both sides share `api/`.
  const ask = async <T>(outgoing: Outgoing, shape: keyof typeof answerShapes = 'object') =>
    answered<T>(await exchange.json(outgoing), answerShapes[shape], exchange.where);
  const get = <T>(path: string, shape?: keyof typeof answerShapes) =>
    ask<T>({ method: 'GET', path: base + path }, shape);
  const remove = <T>(path: string) => ask<T>({ method: 'DELETE', path: base + path });
  const post = <T>(path: string, body: unknown) =>
    ask<T>({ method: 'POST', path: base + path, body: JSON.stringify(body) });
  const row = (list: string, id: string, query: Readonly<Record<string, string | undefined>>) =>
    withQuery(`/${list}/${encodeURIComponent(id)}`, query);

  return {
    where: exchange.where,
    version: () => get('/version'),
    stats: () => get('/stats', 'stats'),
    snapshot: ({ list, query = {} } = {}) =>
      get(listPath('/snapshot', list === undefined ? {} : query, { list }), 'snapshot'),
    node: (id) => get(row('nodes', id, {})),
    pingNode: (id) => post(`/nodes/${encodeURIComponent(id)}/ping`, {}),
    drainNode: (id, request = {}) => post(`/nodes/${encodeURIComponent(id)}/drain`, request),
    resumeNode: (id) => remove(`/nodes/${encodeURIComponent(id)}/drain`),
    history: (id, { system } = {}) => get(withQuery('/history', { id, system }), 'history'),
    openapi: () => get('/openapi.json'),
    events: (query = {}) => watchEvents(exchange, `${base}/events`, query),
    tail: (request = {}) => watchTail(exchange, `${base}/tail`, request),
    send: (request, dataText) => ask({ method: 'POST', path: `${base}/send`, body: sendBody(request, dataText) }),
    previewSend: (request) => post('/send/preview', request),
    connections: (query = {}) => get(listPath('/connections', query), 'page'),
    users: (query = {}) => get(listPath('/users', query), 'page'),
    groups: (query = {}) => get(listPath('/groups', query), 'page'),
    systems: (query = {}) => get(listPath('/systems', query), 'page'),
    members: (group, query = {}) => get(listPath(`/groups/${encodeURIComponent(group)}/members`, query), 'page'),
    connection: (id, { system } = {}) => get(row('connections', id, { system })),
    user: (uid, { system } = {}) => get(row('users', uid, { system })),
    group: (group, { system } = {}) => get(row('groups', group, { system })),
    system: (system) => get(row('systems', system, {})),
    kickConnection: (id, { system, reason } = {}) => remove(row('connections', id, { system, reason })),
    kickUser: (uid, { system, reason } = {}) => remove(row('users', uid, { system, reason })),
    online: (uids, { system } = {}) => post('/users/online', { system, uids }),
    join: (group, request) => post(`/groups/${encodeURIComponent(group)}/join`, request),
    leave: (group, request) => post(`/groups/${encodeURIComponent(group)}/leave`, request),
    removeGroup: (group, { system } = {}) => remove(row('groups', group, { system })),
    addSystem: (system) => post('/systems', { system }),
    removeSystem: (system) => remove(row('systems', system, {})),
    keys: (query = {}) => get(listPath('/keys', query), 'page'),
    rotateKey: (request) => post('/keys', request),
    removeKey: (id) => remove(row('keys', id, {})),
    bans: (query = {}) => get(listPath('/bans', query), 'page'),
    ban: (uid, request) => post(`/users/${encodeURIComponent(uid)}/ban`, request),
    unban: (uid, { system } = {}) => remove(withQuery(`/users/${encodeURIComponent(uid)}/ban`, { system })),
    stop: (request = {}) => post('/stop', request),
    heapSnapshot: ({ timeoutMs }) => ask({ method: 'POST', path: `${base}/heap-snapshot`, body: '{}', timeoutMs }),
    reload: () => post('/reload', {}),
    close: () => exchange.close(),
    [Symbol.dispose]: () => exchange.close(),
  };
}
