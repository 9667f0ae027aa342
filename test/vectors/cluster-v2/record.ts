/**
 * What nodes of wire version 2 say to each other, as bytes: `node test/vectors/cluster-v2/record.ts`. Made of the `.proto`
 * files beside it, which are those of version 2, and of nothing in `src`: a later version must go on reading the same bytes.
 * Of one version there are only ever more files, never others. Each file says what it is and what a reader makes of it, then has a line of hex for each envelope or frame.
 */
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Fields = { readonly [name: string]: Json };

interface Case {
  readonly name: string;
  readonly what: string;
  /** `tell`, `ask`, `answer`: an envelope in the bytes of a parcel; `frames`: of the stream, in their order. */
  readonly way: 'tell' | 'ask' | 'answer' | 'frames';
  readonly reads: Json;
  readonly lines: readonly Buffer[];
}

const { root } = protobuf.parse(readFileSync(join(import.meta.dirname, 'cluster.proto'), 'utf8'), { keepCase: true });
const rpc = protobuf.parse(readFileSync(join(import.meta.dirname, 'rpc.proto'), 'utf8'), { keepCase: true }).root;

function encode(from: protobuf.Root, type: string, fields: Fields): Buffer {
  const found = from.lookupType(type);
  return Buffer.from(found.encode(found.fromObject(fields as Record<string, unknown>)).finish());
}

const typeBytes = {
  pushes: 1,
  receipts: 2,
  routes: 3,
  notices: 4,
  note: 5,
  done: 6,
  failure: 7,
  broadcast: 8,
} as const;
type BatchKind = 'pushes' | 'receipts' | 'routes' | 'notices';
const itemTypes = { pushes: 'Push', receipts: 'Receipt', routes: 'Route', notices: 'GroupNotice' } as const;

const withHead = (type: keyof typeof typeBytes, body: Buffer) => Buffer.concat([Buffer.of(2, typeBytes[type]), body]);
const json = (value: Json) => Buffer.from(JSON.stringify(value));

/** Each item: what it is to a reader, and its fields where those are others. */
function batch(
  name: string,
  way: 'tell' | 'ask' | 'answer',
  what: string,
  kind: BatchKind,
  items: readonly (readonly [Json, Fields])[],
): Case {
  const encoded = items.map(([, fields]) => encode(root, `cluster.${itemTypes[kind]}`, fields).toString('base64'));
  const reads = { type: 'batch', kind, items: items.map(([read]) => read) };
  return { name, way, what, reads, lines: [withHead(kind, encode(root, 'cluster.Batch', { items: encoded }))] };
}

function note(way: 'tell' | 'ask' | 'answer', name: string, what: string, body: Json, file = name): Case {
  const reads = { type: 'note', name, body };
  return { name: `${way}-note-${file}`, way, what, reads, lines: [withHead('note', json([name, body]))] };
}

function broadcast(name: string, what: string, items: readonly (readonly [Json, Fields])[]): Case {
  const head = { origin: 'old', incarnation: 99, number: 1 };
  const pushes = items.map(([, fields]) => encode(root, 'cluster.Push', fields).toString('base64'));
  const reads = { type: 'broadcast', ...head, pushes: items.map(([read]) => read) };
  const lines = [withHead('broadcast', encode(root, 'cluster.Broadcast', { ...head, pushes }))];
  return { name, way: 'tell', what, reads, lines };
}

function failure(name: string, what: string, body: Fields): Case {
  const reads = { type: 'failure', error: body };
  return { name, way: 'answer', what, reads, lines: [withHead('failure', json(body))] };
}

const messageId = '00000000000000ff';
const longest = { most: '9223372036854775807', least: '-9223372036854775808' };

/** What clients of each dialect get. */
const payloads = {
  json: Buffer.from(`{"messageId":"${messageId}","sendUserId":"böb","code":7,"msg":"hello","data":{"a":[1,"张"]}}`),
  yunque: Buffer.from(
    '0208ffffffffffffffff7f1201321a060a016b1201761a080a001204f09f90a62201732a01723a017440808080808080808080014a0169',
    'hex',
  ),
  cim: Buffer.from('0208808080808080808080011201321a01632201732a01723a01744201664880d0dfb4ab33', 'hex'),
} as const;
const dialectNumbers = { json: 1, yunque: 2, cim: 3 } as const;

function encoded(dialect: keyof typeof payloads): readonly [read: Fields, fields: Fields] {
  const payload = payloads[dialect].toString('base64');
  return [
    { messageId, dialect, payload },
    { messageId, encoded: { dialect: dialectNumbers[dialect], payload } },
  ];
}

/** Of a kind of message: what a reader sees, and its fields. */
const messages = {
  'encoded-json': encoded('json'),
  'encoded-yunque': encoded('yunque'),
  'encoded-cim': encoded('cim'),
  push: bothOf('push', { sendUserId: 'böb', code: 7, msg: 'hello', data: '{"a":[1,"张"]}' }),
  proto: ((): readonly [Fields, Fields] => {
    const plain = { action: '2', sender: 's', receiver: 'r', title: 't', image: 'i' };
    const read = {
      ...plain,
      content: [
        ['k', 'v'],
        ['', '🐦'],
      ],
      extra: [],
      id: longest.most,
      sendTime: longest.least,
    };
    const pairs = [
      { key: 'k', value: 'v' },
      { key: '', value: '🐦' },
    ];
    const fields = { ...plain, content: pairs, extra: [], id: longest.most, sendTime: longest.least };
    return [
      { kind: 'proto', messageId, ...read },
      { messageId, proto: fields },
    ];
  })(),
  cim: bothOf('cim', {
    ...{ action: '2', content: 'c', sender: 's', receiver: 'r', extra: '', title: 't', format: 'f' },
    ...{ id: longest.least, timestamp: '1764000000000' },
  }),
  notice: bothOf('notice', { code: 1001, clientId: 'Y2xpZW50', userId: 'u', extend: '{"x":1}' }),
  replaced: bothOf('replaced', { uid: 'bob', deviceName: 'iPhone' }),
} as const;

function bothOf(kind: string, fields: Fields): readonly [read: Fields, fields: Fields] {
  return [
    { kind, messageId, ...fields },
    { messageId, [kind]: fields },
  ];
}

const clientId = 'QUJDREVGR0hJSktMTU5PUOm1Uq2cIhHtbPLLWGwsXGo=';
const targets: readonly (readonly [read: Fields, fields: Fields])[] = [
  [
    { to: 'connections', ids: ['3', clientId] },
    { to: 1, ids: ['3', clientId] },
  ],
  [
    { to: 'users', uids: ['bob', '张伟'] },
    { to: 2, uids: ['bob', '张伟'] },
  ],
  [
    { to: 'userConnections', uids: ['bob'], ids: ['3'] },
    { to: 3, uids: ['bob'], ids: ['3'] },
  ],
  [
    { to: 'device', uid: 'bob', deviceId: 'd1' },
    { to: 4, uids: ['bob'], deviceId: 'd1' },
  ],
  [
    { to: 'groups', groups: ['lobby', 'a:b'] },
    { to: 5, groups: ['lobby', 'a:b'] },
  ],
  [{ to: 'system' }, { to: 6 }],
];

function push(target: (typeof targets)[number] | undefined, message: readonly [Fields, Fields], more: Fields = {}) {
  const [toRead, to] = target ?? [{}, {}];
  const {
    nodes,
    exclude,
    class: named,
  } = more as {
    nodes?: readonly string[];
    exclude?: { uids: readonly string[]; ids: readonly string[] };
    class?: { name: string; key: string };
  };
  const read = { system: 'default', target: toRead, message: message[0], ...more };
  const fields = {
    ...{ system: 'default', target: to, message: message[1] },
    ...(nodes && { onlyNodes: true, nodes }),
    ...(exclude && { excludeUids: exclude.uids, excludeIds: exclude.ids }),
    ...(named && { className: named.name, classKey: named.key }),
  };
  return [read, fields] as const;
}

const names = ['connections', 'users', 'user-connections', 'device', 'groups', 'system'];
const pushes: Case[] = [
  ...names.map((name, at) => {
    const what = `a push to ${name} in the shape of go-websocket`;
    return batch(`ask-push-to-${name}`, 'ask', what, 'pushes', [push(targets[at], messages['encoded-json'])]);
  }),
  ...Object.entries(messages).map(([kind, message]) => {
    return batch(`ask-push-of-${kind}`, 'ask', `a message to a system: ${kind}`, 'pushes', [push(targets[5], message)]);
  }),
  batch('ask-push-excludes', 'ask', 'a push that leaves out users and connections', 'pushes', [
    push(targets[4], messages['encoded-yunque'], { exclude: { uids: ['eve'], ids: ['4', clientId] } }),
  ]),
  batch('ask-push-class', 'ask', 'a push of a message class with a key', 'pushes', [
    push(targets[5], messages['encoded-yunque'], { class: { name: 'ticks', key: 'EURUSD' } }),
  ]),
  batch('ask-push-nodes', 'ask', 'pushes for connections on named nodes, and on none', 'pushes', [
    push(targets[5], messages['encoded-json'], { nodes: ['n1', 'n9'] }),
    push(targets[5], messages['encoded-json'], { nodes: [] }),
  ]),
  batch('ask-pushes', 'ask', 'several pushes of one turn', 'pushes', [
    push(targets[0], messages['encoded-cim']),
    push(targets[1], messages['encoded-json'], { class: { name: 'ticks', key: '' } }),
    push(targets[4], messages.replaced, { nodes: ['n1'], exclude: { uids: [], ids: ['9'] } }),
  ]),
];

const counts = { matched: 3, delivered: 2, queued: 1 };
const receipts: Case[] = [
  batch('answer-receipts', 'answer', 'what became of pushes: counts, names that are missed, a refusal', 'receipts', [
    [
      { ...counts, dropped: { slow_consumer: 1 }, offline: ['bob'], unknown: ['3'] },
      { ...counts, dropped: [{ name: 'slow_consumer', count: 1 }], offline: ['bob'], unknown: ['3'] },
    ],
    [{ matched: 0, delivered: 0, queued: 0, dropped: {}, offline: [], unknown: [] }, {}],
    [
      { error: 'unavailable', message: 'not now' },
      { error: 'unavailable', errorMessage: 'not now' },
    ],
  ]),
  batch(
    'tell-receipts',
    'tell',
    'what became of pushes of a broadcast: its number, and the place of the push',
    'receipts',
    [
      [
        { broadcast: 4503599627370497, place: 1, receipt: { ...counts, dropped: {}, offline: [], unknown: [] } },
        { ...counts, broadcast: 4503599627370497, place: 1 },
      ],
      [
        { broadcast: 1, place: 0, receipt: { error: 'unavailable', message: 'not now' } },
        { broadcast: 1, place: 0, error: 'unavailable', errorMessage: 'not now' },
      ],
    ],
  ),
];

const broadcasts: Case[] = [
  broadcast('tell-broadcast', 'pushes for everybody, the first of its origin', [
    push(targets[4], messages['encoded-json']),
    push(targets[5], messages['encoded-yunque'], { class: { name: 'ticks', key: 'EURUSD' } }),
    push(targets[5], messages['encoded-cim'], { exclude: { uids: ['eve'], ids: [] } }),
    push(targets[5], messages.notice),
  ]),
];

const route = (out: boolean, cid: number, sequence: number): readonly [Fields, Fields] => {
  const fields = { out, system: 'default', uid: 'bob', node: 'old', cid, sequence };
  return [fields, fields];
};
const groupRoute = (out: boolean): readonly [Fields, Fields] => {
  const fields = { out, group: true, system: 'default', uid: 'lobby', node: 'old', cid: 0, sequence: 0 };
  return [fields, fields];
};
const cid = 9 * 2 ** 32 + 1;
const notice = (code: 1001 | 1002, silent: boolean): readonly [Fields, Fields] => {
  const fields = { code, clientId: 'Y2xpZW50', userId: 'u', extend: '' };
  const common = { system: 'default', group: 'lobby', cid, silent };
  return [
    { ...common, message: { kind: 'notice', messageId, ...fields } },
    { ...common, message: { messageId, notice: fields } },
  ];
};
const news: Case[] = [
  note('tell', 'hello', 'the first thing a node says to another', { lease: 9, clientAddress: '10.9.9.9:1666' }),
  batch(
    'tell-routes',
    'tell',
    'logins of a node, for one that has joined, and a group that it has members of',
    'routes',
    [route(false, cid, 41), groupRoute(false)],
  ),
  note('tell', 'routesTold', 'all logins of a node have been told', { clock: 42 }),
  note('tell', 'routesInDoubt', 'what is written down of the logins of a node is not to be relied on', null),
  note('tell', 'standing', 'how a node is', { redis: true, bus: false, links: 2 }),
  note('tell', 'keepMembers', 'the hearer is to keep the record of the memberships of the teller', {
    ...{ number: 1, keepers: ['n1', 'n3'], isNew: true },
  }),
  note('tell', 'membersKept', 'who keeps the record of the memberships of a node', {
    ...{ node: 'old', incarnation: 99, number: 1, keepers: ['n1', 'n3'] },
  }),
  note('tell', 'nextBroadcast', 'the number of the next broadcast of the teller', { next: 1 }),
  note('tell', 'broadcastHole', 'broadcasts of the hearer that have not come', { incarnation: 1, from: 3, to: 5 }),
  note('tell', 'watch', 'the hearer is to tell its events', { id: 1, backlog: 10 }),
  note('tell', 'event', 'an event, to somebody who watches', {
    id: 1,
    event: {
      node: 'old',
      seq: 3,
      time: 1764000000000,
      type: 'joined',
      system: 'default',
      group: 'g',
      cid: '1',
      userId: '',
    },
  }),
  note('tell', 'unwatch', 'no more events', { id: 1 }),
  note(
    'tell',
    'tap',
    'somebody reads along at the teller',
    {
      ...{ is: 'open', id: 1, query: { system: 'default', uid: 'bob', sample: 0.5, perSecond: 10, redact: true } },
    },
    'tapOpen',
  ),
  note('tell', 'tap', 'a batch of copies was taken', { is: 'taken', id: 1 }, 'tapTaken'),
  note('tell', 'tap', 'nobody reads along any more', { is: 'close', id: 1 }, 'tapClose'),
  note('tell', 'tapped', 'copies for a reader at the hearer', {
    id: 1,
    items: [
      {
        ...{ type: 'copy', time: 1764000000000, node: 'old', system: 'default', direction: 'out', door: 'http' },
        ...{ messageId, target: { to: 'users', uids: ['bob'] }, kind: 'push', bytes: 2, body: '{}' },
        ...{ isRedacted: false, isCut: false, matched: 1, delivered: 1, dropped: {} },
      },
      { type: 'lost', node: 'old', count: 3, why: 'rate' },
    ],
  }),
  note('tell', 'membersTold', 'all have been told of the members of a node that is gone', {
    ...{ node: 'gone', incarnation: 7 },
  }),
  note('tell', 'leaving', 'the same where nobody waits for the answer', null),
  batch('tell-notices', 'tell', 'clients came and went in a group', 'notices', [
    notice(1001, false),
    notice(1002, false),
    notice(1001, true),
    notice(1002, true),
  ]),
  batch('ask-routes', 'ask', 'a login and a logout, each done when it is answered', 'routes', [
    route(false, cid + 1, 43),
    route(true, cid + 1, 43),
    groupRoute(true),
  ]),
];

const stores = JSON.stringify({
  ...{ epoch: 'e1', revision: 3, from: 'h2', head: 'h3' },
  changes: JSON.stringify([{ type: 'systemsAdded', systems: [{ system: 'shop', createdAt: 1764000000000 }] }]),
});
const listQuery = { system: 'default', where: [{ field: 'uid', op: '~', value: 'b' }], limit: 10 };
const login = { uid: 'bob', deviceId: 'd2', deviceName: 'Mi', channel: 'android', loginSequence: 44 };
const byUsers = { by: 'users', uids: ['bob'] };
const byConnections = { by: 'connections', ids: ['3', clientId] };
const part = (file: string, what: string, body: Fields) => note('ask', 'part', what, body, `part-${file}`);
const questions: Case[] = [
  part('join', 'users join a group', {
    ...{ type: 'join', system: 'default', group: 'lobby', members: byUsers, userId: 'u', extend: 'x' },
  }),
  part('leave', 'connections leave a group', {
    ...{ type: 'leave', system: 'default', group: 'lobby', members: byConnections },
  }),
  part('removeGroup', 'a group is removed', { type: 'removeGroup', system: 'default', group: 'lobby' }),
  part('listConnections', 'a page of connections', { type: 'listConnections', query: listQuery }),
  part('listMembers', 'a page of members', { type: 'listMembers', system: 'default', group: 'lobby', query: {} }),
  part('listClientIds', 'the clientIds of a group', { type: 'listClientIds', system: 'default', group: 'lobby' }),
  part('online', 'who is online', { type: 'online', system: 'default', uids: ['bob'], ids: ['3'] }),
  part('preview', 'who would get a push', {
    ...{ type: 'preview', system: 'default', target: { to: 'users', uids: ['bob'] }, exclude: { ids: ['3'] } },
  }),
  part('history', 'what is remembered of somebody', { type: 'history', system: 'default', id: 'bob' }),
  ...(['listUsers', 'listGroups', 'listSystems'] as const).flatMap((type) => {
    const query = { system: 'default' };
    return [
      note('ask', 'rows', `rows for ${type}`, { type, query }, `rows-${type}`),
      note('ask', 'rows', `${type}: a page of what is there alone`, { type, query, apart: true }, `rows-apart-${type}`),
    ];
  }),
  note('ask', 'drainNode', 'a node is drained', { type: 'drainNode', node: 'n1', perSecond: 200 }),
  note('ask', 'resumeNode', 'and takes clients again', { type: 'resumeNode', node: 'n1' }),
  note('ask', 'kick', 'connections are ended', {
    ...{ system: 'default', target: { to: 'users', uids: ['nobody'] }, reason: 'why', banned: true },
  }),
  note('ask', 'closeSystem', 'a system goes', { system: 'gone' }),
  note('ask', 'arrive', 'a login is about to be bound', { system: 'default', login }),
  note('ask', 'stats', 'the figures of a node', null),
  note('ask', 'stores', 'what was written in the stores', stores),
  note('ask', 'userCounts', 'the users that are to be counted there', null),
  note('ask', 'ping', 'nothing', null),
  note('ask', 'leaving', 'the last thing a node says, when its last client has gone', null),
];

const missing = { items: [], total: 0 };
const userRow = (uid: string): Fields => ({
  ...{ uid, system: 'default', connections: 1, devices: ['d1'], groups: [], nodes: ['old'], boundAt: 1764000000000 },
});
const answers: Case[] = [
  note('answer', 'part', 'to a join', { result: { matched: 1, changed: 1, unknown: [] }, at: ['n1'] }, 'part-join'),
  note('answer', 'part', 'to removeGroup', { result: { removed: 2 }, at: [] }, 'part-removeGroup'),
  note('answer', 'part', 'to a page', { result: missing, at: [] }, 'part-page'),
  note('answer', 'part', 'to listClientIds', { result: ['Y2xpZW50'], at: [] }, 'part-listClientIds'),
  note('answer', 'part', 'to online', { result: { users: { bob: 2 }, connections: { 3: 0 } }, at: [] }, 'part-online'),
  note('answer', 'rows', 'to listGroups', [{ group: 'old', system: 'default', members: 4 }]),
  note(
    'answer',
    'rows',
    'to listSystems',
    [{ system: 'default', createdAt: 1764000000000, connections: 2, users: 1, groups: 1, groupNames: ['lobby'] }],
    'rows-listSystems',
  ),
  note(
    ...(['answer', 'part', 'to preview'] as const),
    {
      result: { matched: 1, nodes: { old: 1 }, dialects: { cim: 1 }, offline: [], missingNodes: [] },
      at: [],
    },
    'part-preview',
  ),
  note(
    ...(['answer', 'part', 'to history'] as const),
    {
      result: {
        ...{ schema: 'yunque.history/1', id: 'bob', system: 'default', connections: [] },
        items: [
          {
            ...{ node: 'old', sequence: 3, time: 1764000000000, type: 'disconnected', code: 1006, reason: '' },
            ...{ system: 'default', cid: '1', uid: 'bob', dialect: 'cim', remoteAddress: '10.0.0.1' },
            end: { ageSeconds: 9, idleSeconds: 1, delivered: 4, dropped: 0, queueBytes: 0 },
          },
        ],
        since: { old: { ends: 1764000000000, rest: 1764000000000 } },
      },
      at: [],
    },
    'part-history',
  ),
  note(
    ...(['answer', 'rows', 'to listUsers: what is there alone, and values of what others may have'] as const),
    {
      page: { items: [userRow('amy')], total: 1 },
      fields: Object.keys(userRow('bob')),
      shared: [Object.values(userRow('bob'))],
    },
    'rows-apart',
  ),
  note('answer', 'drainNode', 'how many are still to go', { node: 'old', clients: 7 }),
  note('answer', 'resumeNode', 'it was drained', { node: 'old', wasDrained: true }),
  note('answer', 'kick', 'how many were ended', { matched: 2, closed: 2 }),
  note('answer', 'closeSystem', 'how many were ended', { closed: 3 }),
  note('answer', 'arrive', 'newer logins and the groups of the user', {
    newer: [],
    groups: [{ group: 'lobby', userId: 'u', extend: '' }],
  }),
  note('answer', 'stores', 'it is known', null),
  note('answer', 'userCounts', 'users by system', [['default', 2]]),
  note('answer', 'ping', 'nothing', null),
  {
    name: 'answer-routes',
    way: 'answer',
    what: 'to a login: the places of the same user there; to a logout and a group: nothing',
    reads: { type: 'batch', kind: 'routes', items: [[route(false, cid, 41)[0]], [], []] },
    lines: [
      withHead(
        'routes',
        encode(root, 'cluster.Batch', {
          items: [
            encode(root, 'cluster.Batch', {
              items: [encode(root, 'cluster.Route', route(false, cid, 41)[1]).toString('base64')],
            }).toString('base64'),
            '',
            '',
          ],
        }),
      ),
    ],
  },
  note('answer', 'stats', 'the figures of a node', { node: 'old', health: { verdict: 'ok', reasons: [] } }),
  { name: 'answer-done', way: 'answer', what: 'it is done', reads: { type: 'done' }, lines: [Buffer.of(2, 6)] },
  failure('answer-failure', 'a refusal with all it may have', {
    ...{
      code: 'bad_request',
      message: 'no',
      field: 'uid',
      hint: 'say who',
      problems: ['a', 'b'],
      retryAfterSeconds: 2,
    },
  }),
  failure('answer-failure-unavailable', 'what is not known here', { code: 'unavailable', message: 'version 9' }),
];

/** What goes into the proofs; the certificates are fingerprints, that of the dialler first. */
const secret = Buffer.from('the secret of version 2');
const host = '10.0.0.1';
const port = 1666;
const certificates = ['AA:BB', 'CC:DD'];
const nonces = { dialler: Buffer.alloc(32, 0xaa), dialled: Buffer.alloc(32, 0xbb) };
const hellos = {
  dialler: { version: 2, highest: 3, node: 'n2', incarnation: 1764000000002, nonce: nonces.dialler.toString('base64') },
  dialled: { version: 2, node: 'n1', incarnation: 1764000000001, nonce: nonces.dialled.toString('base64') },
};

function proof(side: 'dialler' | 'dialled'): string {
  const { dialler, dialled } = hellos;
  const transcript = [
    ...['yunque.rpc/2', side, 2, host, port],
    [dialler.node, dialler.incarnation, dialler.nonce, 2, 3],
    [dialled.node, dialled.incarnation, dialled.nonce, 2, 2],
    certificates,
  ];
  return createHmac('sha256', secret).update(JSON.stringify(transcript)).digest('base64');
}

function frames(name: string, what: string, all: readonly Fields[]): Case {
  return { name, way: 'frames', what, reads: all, lines: all.map((frame) => encode(rpc, 'yunque.rpc.Frame', frame)) };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const handshake = `secret "${secret}", ${host}:${port}, certificates ${certificates.join(' and ')}`;
const streams: Case[] = [
  frames('frames-hello-dialler', `the first frame of the node that dials (${handshake})`, [{ hello: hellos.dialler }]),
  frames('frames-hello-dialled', `what the node that was dialled answers (${handshake})`, [
    { hello: hellos.dialled, proof: proof('dialled') },
  ]),
  frames('frames-proof-dialler', `what the node that dials shows then (${handshake})`, [{ proof: proof('dialler') }]),
  frames('frames-items', 'a tell, a question, an answer and a failure in one frame, an empty tell in the next', [
    {
      items: [
        { payload: base64('tell') },
        { kind: 1, id: 7, payload: base64('ask') },
        { kind: 2, id: 4294967295, payload: base64('answer') },
        { kind: 3, id: 8 },
      ],
    },
    { items: [{}] },
  ]),
  frames('frames-items-split', 'a question in three pieces over two frames, and a tell behind it', [
    {
      items: [
        { kind: 1, id: 9, more: true, payload: base64('one ') },
        { kind: 1, id: 9, more: true, payload: base64('two ') },
      ],
    },
    {
      items: [{ kind: 1, id: 9, payload: base64('three') }, { payload: base64('tell') }],
    },
  ]),
];

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

for (const { name, way, what, reads, lines } of [
  ...pushes,
  ...receipts,
  ...broadcasts,
  ...news,
  ...questions,
  ...answers,
  ...streams,
]) {
  const text = [`# ${way}: ${what}`, `# reads: ${JSON.stringify(reads)}`, ...lines.map((line) => line.toString('hex'))];
  writeFileSync(join(import.meta.dirname, `${kebab(name)}.hex`), `${text.join('\n')}\n`);
}
