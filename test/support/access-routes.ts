import type { TestPlace } from './access-place.ts';

/** What a route takes, in the words of the access table. `open`: no credential at all. */
export type Need =
  | 'read'
  | 'push'
  | 'close'
  | 'register'
  | 'login'
  | 'inspect'
  | 'operate'
  | 'administer'
  | 'metrics'
  | 'open';

/** How a family says no: go-websocket's `{code,msg,data}` under 403, `{code,message,data}`, or `{error}`. */
export type Family = 'go-websocket' | 'coded' | 'error';

export interface Asked {
  readonly path: string;
  readonly body?: unknown;
}

export interface RouteRow {
  /** `METHOD /path/:parameter`, as Fastify calls it. */
  readonly route: string;
  readonly need: Need;
  readonly family: Family;
  /** A request that does what the route is for. */
  readonly ask: (place: TestPlace) => Asked;
  /** Where doing it would end the node: asked so of those who may, which is then refused for its body and not for who asks. */
  readonly harmless?: { readonly body: unknown; readonly status: number };
}

const push = { code: 0, msg: 'm', data: 'd' };
const proto = { action: 'a', content: {}, sender: 's', receiver: 'alice' };
const json = (body: object) => JSON.stringify(body);
const here = '?system=shop';

const goWebsocket = (path: string, need: Need, body: (place: TestPlace) => object): RouteRow => ({
  route: `POST ${path}`,
  need,
  family: 'go-websocket',
  ask: (place) => ({ path, body: json(body(place)) }),
});

const coded = (method: string, path: string, need: Need, body?: unknown, query = ''): RouteRow => ({
  route: `${method} ${path}`,
  need,
  family: 'coded',
  ask: () => ({ path: path + query, body: body === undefined ? undefined : JSON.stringify(body) }),
});

const login = (method: string, path: string, asked: (place: TestPlace) => Asked): RouteRow => ({
  route: `${method} ${path}`,
  need: 'login',
  family: 'coded',
  ask: asked,
});

type Fill = (place: TestPlace) => Readonly<Record<string, string>>;

function admin(
  route: string,
  need: Need,
  more: { fill?: Fill; query?: string; body?: (place: TestPlace) => object; harmless?: RouteRow['harmless'] } = {},
): RouteRow {
  const [method, path = ''] = route.split(' ');
  const full = `/admin/v1${path}`;
  return {
    route: `${method} ${full}`,
    need,
    family: 'error',
    ask: (place) => {
      const values = more.fill?.(place) ?? {};
      const filled = full.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
      return { path: filled + (more.query ?? ''), body: more.body && json(more.body(place)) };
    },
    ...(more.harmless && { harmless: more.harmless }),
  };
}

const client: Fill = ({ clientId }) => ({ id: clientId });
const alice: Fill = () => ({ uid: 'alice' });
const team: Fill = () => ({ group: 'team' });
const doomed: Fill = () => ({ system: 'doomed' });

/** Every HTTP route of a node. A HEAD is its GET. */
export const routeRows: readonly RouteRow[] = [
  goWebsocket('/api/register', 'register', ({ unused }) => ({ systemId: unused() })),
  goWebsocket('/api/send_to_client', 'push', ({ clientId }) => ({ clientId, ...push })),
  goWebsocket('/api/send_to_clients', 'push', ({ clientId }) => ({ clientIds: [clientId], ...push })),
  goWebsocket('/api/send_to_group', 'push', () => ({ groupName: 'team', ...push })),
  goWebsocket('/api/send_to_system', 'push', () => push),
  goWebsocket('/api/bind_to_group', 'push', ({ clientId }) => ({ clientId, groupName: 'more' })),
  goWebsocket('/api/unbind_from_group', 'push', ({ clientId }) => ({ clientId, groupName: 'team' })),
  goWebsocket('/api/get_online_list', 'read', () => ({ groupName: 'team' })),
  goWebsocket('/api/is_online', 'read', ({ clientId }) => ({ clientId })),
  goWebsocket('/api/close_client', 'close', ({ clientId }) => ({ clientId })),

  coded('POST', '/send', 'push', proto),
  coded('POST', '/send/all', 'push', proto),
  coded('POST', '/send/toUids', 'push', { uids: ['alice'], message: proto }),
  coded('POST', '/send/sendList', 'push', [proto]),
  coded('GET', '/getOnlineUser', 'read', undefined, '?uid=alice'),
  coded('POST', '/getOnlineUser', 'read', { uid: 'alice' }),
  coded('POST', '/room/join', 'push', { room: 'more', uids: ['alice'] }),
  coded('POST', '/room/leave', 'push', { room: 'team', uids: ['alice'] }),
  coded('POST', '/api/message/send', 'push', undefined, '?action=a&sender=s&receiver=alice'),
  login('POST', '/login/register', ({ unused }) => ({
    path: '/login/register',
    body: json({ username: unused(), password: 'p' }),
  })),
  login('POST', '/login', () => ({ path: '/login', body: json({ username: 'demo', password: 'p' }) })),
  login('GET', '/login/getUserinfo', ({ demoToken }) => ({ path: `/login/getUserinfo?token=${demoToken}` })),

  admin('GET /version', 'inspect'),
  admin('GET /stats', 'inspect'),
  admin('GET /snapshot', 'inspect', { query: '?list=users' }),
  admin('GET /nodes', 'inspect'),
  admin('GET /nodes/:node', 'inspect', { fill: ({ nodeId }) => ({ node: nodeId }) }),
  admin('POST /nodes/:node/ping', 'inspect', { fill: ({ nodeId }) => ({ node: nodeId }), body: () => ({}) }),
  admin('GET /history', 'inspect', { query: '?id=nobody&system=shop' }),
  admin('GET /openapi.json', 'inspect'),
  admin('GET /events', 'inspect'),
  admin('GET /tail', 'inspect'),
  admin('GET /connections', 'inspect'),
  admin('GET /connections/:id', 'inspect', { fill: client, query: here }),
  admin('GET /users', 'inspect'),
  admin('GET /users/:uid', 'inspect', { fill: alice, query: here }),
  admin('POST /users/online', 'inspect', { body: () => ({ system: 'shop', uids: ['alice'] }) }),
  admin('POST /send/preview', 'inspect', { body: () => ({ system: 'shop', target: { to: 'system' } }) }),
  admin('GET /groups', 'inspect'),
  admin('GET /groups/:group', 'inspect', { fill: team, query: here }),
  admin('GET /groups/:group/members', 'inspect', { fill: team, query: here }),
  admin('GET /systems', 'inspect'),
  admin('GET /systems/:system', 'inspect', { fill: doomed }),
  admin('GET /keys', 'inspect'),
  admin('GET /bans', 'inspect'),
  admin('POST /send', 'operate', { body: () => ({ system: 'shop', target: { to: 'system' }, push }) }),
  admin('DELETE /connections/:id', 'operate', { fill: client, query: here }),
  admin('DELETE /users/:uid', 'operate', { fill: alice, query: here }),
  admin('POST /users/:uid/ban', 'operate', { fill: alice, body: () => ({ system: 'shop', forMs: 60_000 }) }),
  admin('DELETE /users/:uid/ban', 'operate', { fill: () => ({ uid: 'mallory' }), query: here }),
  admin('POST /groups/:group/join', 'operate', {
    fill: () => ({ group: 'more' }),
    body: ({ clientId }) => ({ system: 'shop', ids: [clientId] }),
  }),
  admin('POST /groups/:group/leave', 'operate', {
    fill: team,
    body: ({ clientId }) => ({ system: 'shop', ids: [clientId] }),
  }),
  admin('DELETE /groups/:group', 'operate', { fill: team, query: here }),
  admin('POST /heap-snapshot', 'administer', { body: () => ({}), harmless: { body: '[]', status: 400 } }),
  admin('POST /nodes/:node/drain', 'administer', {
    fill: ({ nodeId }) => ({ node: nodeId }),
    body: () => ({}),
    harmless: { body: '[]', status: 400 },
  }),
  admin('DELETE /nodes/:node/drain', 'administer', { fill: ({ nodeId }) => ({ node: nodeId }) }),
  admin('POST /systems', 'administer', { body: ({ unused }) => ({ system: unused() }) }),
  admin('DELETE /systems/:system', 'administer', { fill: doomed }),
  admin('POST /keys', 'administer', { body: () => ({ owner: 'system', system: 'doomed', role: 'admin' }) }),
  admin('DELETE /keys/:id', 'administer', { fill: ({ keyId }) => ({ id: keyId }) }),
  admin('POST /reload', 'administer', { body: () => ({}) }),
  admin('POST /stop', 'administer', { body: () => ({ now: true }), harmless: { body: '[]', status: 400 } }),

  { route: 'GET /healthz', need: 'open', family: 'error', ask: () => ({ path: '/healthz' }) },
  { route: 'GET /readyz', need: 'open', family: 'error', ask: () => ({ path: '/readyz' }) },
  { route: 'GET /metrics', need: 'metrics', family: 'error', ask: () => ({ path: '/metrics' }) },
];
