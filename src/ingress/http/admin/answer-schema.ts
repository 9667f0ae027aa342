import { type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { dialects } from '../../../api/dialect.ts';
import { keyRoles, operatorRoles } from '../../../api/principal.ts';
import { dropReasons } from '../../../api/receipt.ts';
import { snapshotLists } from '../../../api/snapshot.ts';
import { sheddingReasons } from '../../../api/stats.ts';

/** What the admin API answers, for its OpenAPI document; a test holds each against the type in `api/`. */
const dialect = Type.Union(dialects.map((name) => Type.Literal(name)));
const counts = Type.Record(Type.String(), Type.Integer());
const strings = Type.Array(Type.String());
const millis = Type.Integer({ description: 'milliseconds since the epoch' });

/** Absent when all nodes answered. */
const missing = {
  missingNodes: Type.Optional(
    Type.Array(Type.String(), { description: 'nodes that did not answer; what they hold is not in the answer' }),
  ),
};

const page = <T extends TSchema>(items: T) =>
  Type.Object({
    items: Type.Array(items),
    total: Type.Integer({ description: 'rows that meet the query, on all pages' }),
    cursor: Type.Optional(Type.String({ description: 'present when there is a further page' })),
    ...missing,
  });

const integers = <K extends string>(...names: K[]) =>
  Object.fromEntries(names.map((name) => [name, Type.Integer()])) as { [N in K]: ReturnType<typeof Type.Integer> };

const connection = Type.Object({
  cid: Type.String(),
  clientId: Type.String(),
  system: Type.String(),
  dialect,
  node: Type.String(),
  remoteAddress: Type.String(),
  connectedAt: millis,
  ...integers('ageSeconds', 'idleSeconds', 'delivered', 'dropped', 'queueBytes'),
  uid: Type.Optional(Type.String()),
  deviceId: Type.Optional(Type.String()),
  deviceName: Type.Optional(Type.String()),
  channel: Type.Optional(Type.String()),
  boundAt: Type.Optional(millis),
  groups: strings,
});

const user = Type.Object({
  uid: Type.String(),
  system: Type.String(),
  connections: Type.Integer(),
  devices: strings,
  groups: strings,
  nodes: strings,
  boundAt: millis,
});

const group = Type.Object({ group: Type.String(), system: Type.String(), members: Type.Integer() });

const member = Type.Object({
  cid: Type.String(),
  clientId: Type.String(),
  node: Type.String(),
  dialect,
  uid: Type.Optional(Type.String()),
  userId: Type.String(),
  extend: Type.String(),
});

const system = Type.Object({
  system: Type.String(),
  createdAt: millis,
  ...integers('connections', 'users', 'groups'),
});

const key = Type.Object({
  id: Type.String(),
  owner: Type.Union([Type.Literal('system'), Type.Literal('operator')]),
  system: Type.Optional(Type.String({ description: 'absent: the operator’s' })),
  role: Type.Union([...new Set([...keyRoles, ...operatorRoles])].map((name) => Type.Literal(name))),
  createdAt: millis,
  expiresAt: Type.Optional(millis),
});

const ban = Type.Object({ system: Type.String(), uid: Type.String(), until: millis, reason: Type.String() });

const health = Type.Object({
  verdict: Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('critical')]),
  reasons: strings,
});

const numbers = <K extends string>(...names: K[]) =>
  Type.Object(
    Object.fromEntries(names.map((name) => [name, Type.Number()])) as { [N in K]: ReturnType<typeof Type.Number> },
  );

const durations = Type.Object({
  bounds: Type.Array(Type.Number(), { description: 'seconds' }),
  counts: Type.Array(Type.Integer(), { description: 'of each bound those above the one before; the last: above all' }),
  count: Type.Integer(),
  sum: Type.Number(),
});

const node = Type.Object({
  node: Type.String(),
  version: Type.String(),
  state: Type.Union([Type.Literal('starting'), Type.Literal('serving'), Type.Literal('draining')]),
  drain: Type.Optional(Type.Object({ ...integers('clients', 'left'), isStaying: Type.Optional(Type.Literal(true)) })),
  startedAt: millis,
  uptimeSeconds: Type.Number(),
  addresses: strings,
  rpcAddress: Type.Optional(Type.String({ description: 'where other nodes reach it' })),
  connectionsByDialect: Type.Object(
    Object.fromEntries(dialects.map((name) => [name, Type.Integer()])) as Record<
      (typeof dialects)[number],
      ReturnType<typeof Type.Integer>
    >,
  ),
  connectionsBySystem: counts,
  ...integers('pid', 'connections', 'pending', 'users', 'groups', 'systems', 'messagesInTotal', 'deliveriesTotal'),
  ...integers('droppedTotal', 'ignoredFrames', 'outboxBytes', 'slowClients'),
  messagesIn: counts,
  deliveries: counts,
  dropped: counts,
  disconnects: counts,
  refused: counts,
  lostLogLines: counts,
  pauses: numbers('count', 'seconds'),
  eventLoopLagMs: numbers('mean', 'p99', 'max'),
  durations: Type.Object({ flush: durations, fanout: durations }),
  memory: numbers('rss', 'heapUsed', 'heapTotal', 'heapLimit'),
  cpuSeconds: Type.Number(),
  probeMs: Type.Optional(Type.Number()),
  shedding: Type.Array(Type.Union(sheddingReasons.map((reason) => Type.Literal(reason)))),
  cluster: Type.Optional(
    Type.Object({
      incarnation: Type.Integer(),
      links: Type.Array(Type.String()),
      ...integers('members', 'died'),
      redis: Type.Object({ up: Type.Boolean(), failure: Type.Optional(Type.String()) }),
      bus: Type.Object({
        engine: Type.String(),
        up: Type.Boolean(),
        failure: Type.Optional(Type.String()),
        beatMs: Type.Optional(Type.Number()),
        figures: Type.Record(Type.String(), Type.Number()),
      }),
    }),
  ),
  marks: Type.Object(integers('seen_shortened', 'seen_failed', 'sequences_local', 'idempotency_alone')),
  doors: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String(),
        kind: Type.String(),
        state: Type.String(),
        failure: Type.Optional(Type.String()),
        lag: Type.Optional(Type.Integer()),
        perSecond: Type.Number(),
        ...integers('records', 'messages', 'batches', 'duplicates', 'parked', 'retries'),
        figures: Type.Record(Type.String(), Type.Number()),
      }),
    ),
  ),
  sinks: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String(),
        use: Type.String(),
        kind: Type.String(),
        state: Type.String(),
        failure: Type.Optional(Type.String()),
        ...integers('sent', 'failed', 'dropped', 'waiting'),
      }),
    ),
  ),
  health,
});

const shown = <P extends TProperties>({ properties }: TObject<P>) => Type.Object({ ...properties, ...missing });

const one = <K extends string>(name: K) => Type.Object({ ...integers(name), ...missing });

const stats = Type.Object({
  schema: Type.Literal('yunque.stats/1'),
  time: millis,
  nodes: Type.Array(node),
  totals: Type.Object(integers('users', 'groups')),
  missingNodes: strings,
  health,
});

const pages = { connections: page(connection), users: page(user), groups: page(group), systems: page(system) };

const listed = <K extends keyof typeof pages>(kind: K) => Type.Object({ kind: Type.Literal(kind), page: pages[kind] });

export const answerSchemas = {
  version: Type.Object({
    name: Type.Literal('yunque'),
    version: Type.String(),
    commit: Type.String(),
    node: Type.String(),
    runtime: Type.String(),
  }),
  stats,
  snapshot: Type.Object({
    schema: Type.Literal('yunque.snapshot/1'),
    stats,
    list: Type.Optional(
      Type.Union([
        listed('connections'),
        listed('users'),
        listed('groups'),
        listed('systems'),
        Type.Object({
          kind: Type.Union(snapshotLists.map((kind) => Type.Literal(kind))),
          error: Type.Object({ code: Type.String(), message: Type.String(), hint: Type.Optional(Type.String()) }),
        }),
      ]),
    ),
  }),
  node,
  nodes: Type.Object({ items: Type.Array(node), total: Type.Integer(), ...missing }),
  ping: Type.Object({
    node: Type.String(),
    from: Type.String({ description: 'the node that was asked' }),
    ms: Type.Optional(
      Type.Number({ description: 'there and back over the RPC; 0: itself; absent: no answer in time' }),
    ),
  }),
  drained: Type.Object({
    node: Type.String(),
    clients: Type.Integer({ description: 'that are still to be sent away' }),
  }),
  resumed: Type.Object({ node: Type.String(), wasDrained: Type.Boolean() }),
  history: Type.Object({
    schema: Type.Literal('yunque.history/1'),
    id: Type.String(),
    system: Type.String(),
    items: Type.Array(
      Type.Object(
        { type: Type.String(), time: millis, node: Type.String(), sequence: Type.Integer() },
        { description: 'an event as in /events, with what belongs to its type' },
      ),
    ),
    connections: Type.Array(connection),
    since: Type.Record(Type.String(), Type.Object({ ends: millis, rest: millis })),
    ...missing,
  }),
  receipt: Type.Object({
    messageId: Type.String(),
    ...integers('matched', 'delivered', 'queued', 'stored'),
    dropped: Type.Object(
      Object.fromEntries(dropReasons.map((reason) => [reason, Type.Optional(Type.Integer())])) as TProperties,
    ),
    missingNodes: strings,
    offline: Type.Optional(strings),
    unknown: Type.Optional(strings),
  }),
  preview: Type.Object({
    matched: Type.Integer(),
    nodes: Type.Record(Type.String(), Type.Integer(), { description: 'connections of each node that has any' }),
    dialects: Type.Object(
      Object.fromEntries(dialects.map((name) => [name, Type.Optional(Type.Integer())])) as TProperties,
    ),
    offline: Type.Optional(strings),
    unknown: Type.Optional(strings),
    missingNodes: strings,
  }),
  connection,
  user: shown(user),
  group: shown(group),
  system: shown(system),
  ...pages,
  members: page(member),
  kicked: Type.Object({ ...integers('matched', 'closed'), ...missing }),
  online: Type.Object({ users: counts, connections: counts, ...missing }),
  membership: Type.Object({ ...integers('matched', 'changed'), unknown: strings, ...missing }),
  removed: one('removed'),
  closed: one('closed'),
  key,
  keys: page(key),
  rotation: Type.Object({
    info: key,
    key: Type.String({ description: 'the key itself; it is told this once and never stored' }),
    kept: Type.Optional(key),
    removed: strings,
  }),
  bans: page(ban),
  banned: Type.Object({ closed: Type.Integer(), until: millis, ...missing }),
  lifted: Type.Object({ lifted: Type.Boolean() }),
  stopping: Type.Object({
    ...integers('clients', 'hardLimitMs'),
    dataDirectory: Type.String(),
    process: Type.Optional(Type.Object({ node: Type.String(), pid: Type.Integer(), startedAt: millis })),
  }),
  heapSnapshot: Type.Object({ path: Type.String(), ...integers('bytes', 'ms') }),
  reloaded: Type.Object({
    changes: Type.Array(
      Type.Object({
        key: Type.String(),
        old: Type.Unknown({ description: 'null: unset; secrets are masked' }),
        new: Type.Unknown(),
        effect: Type.Union([Type.Literal('applied'), Type.Literal('needs_restart')]),
      }),
    ),
    warnings: strings,
  }),
  error: Type.Object({
    error: Type.Object({
      code: Type.String(),
      message: Type.String(),
      field: Type.Optional(Type.String()),
      hint: Type.Optional(Type.String()),
      problems: Type.Optional(strings),
      ...missing,
    }),
  }),
};
