import assert from 'node:assert/strict';
import test from 'node:test';
import { YunqueError } from '../../../../src/api/errors.ts';
import { messageId, startDoors } from './harness.ts';

const denied = () =>
  ({ allowed: false, code: 'unauthorized', message: 'the operator key is needed', hint: 'send it' }) as const;
const json = (text: string) => JSON.parse(text);

test('version and stats answer what the node says', async (t) => {
  const doors = await startDoors(t, { stats: () => ({ schema: 'yunque.stats/1', time: 5, extra: true }) });
  const version = { name: 'yunque', version: '1.2.3', commit: 'abc', node: 'n1', runtime: 'v26' };
  assert.deepEqual(json((await doors.ask('/admin/v1/version')).text), version);
  assert.equal((await doors.ask('/admin/v1/stats')).text, '{"schema":"yunque.stats/1","time":5,"extra":true}');
  assert.deepEqual(doors.commands, [{ type: 'stats' }]);
  assert.deepEqual(doors.judged, ['inspect', 'inspect']);
});

test('below /admin everything is 401 without a credential, whether it exists or not', async (t) => {
  const doors = await startDoors(t, {}, { judge: denied });
  const paths = [
    '',
    '/',
    '/v1',
    '/v1/stats',
    '/v1/nothing',
    '/v2/x',
    '/%zz',
    '/v1/%73tats',
    `/v1/users/${'a'.repeat(2000)}`,
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const answer = await doors.ask(`/admin${path}`, { method });
      assert.equal(answer.status, 401, `${method} /admin${path}`);
      assert.deepEqual(json(answer.text), {
        error: { code: 'unauthorized', message: 'the operator key is needed', hint: 'send it' },
      });
    }
  }
  assert.deepEqual(doors.commands, []);
});

test('a 401 names the scheme', async (t) => {
  const doors = await startDoors(t, {}, { judge: denied });
  assert.equal((await doors.ask('/admin/v1/stats')).headers['www-authenticate'], 'Bearer');
});

test('send pushes go-websocket’s push with its data byte for byte', async (t) => {
  const doors = await startDoors(t);
  const data = '{"n":1.0,"big":12345678901234567890,"a":[ 1 ]}';
  const body =
    `{"system":"sys","target":{"to":"users","uids":["a"]},"exclude":{"ids":["7"]},` +
    `"push":{"sendUserId":"s","code":7,"msg":"m","data":${data}}}`;
  const answer = await doors.post('/admin/v1/send', body);
  assert.equal(answer.status, 200);
  assert.deepEqual(json(answer.text), {
    messageId,
    matched: 0,
    delivered: 0,
    stored: 0,
    dropped: {},
    missingNodes: [],
    offline: ['a'],
  });
  assert.deepEqual(doors.commands, [
    {
      type: 'push',
      door: 'admin',
      system: 'sys',
      target: { to: 'users', uids: ['a'] },
      message: { kind: 'push', messageId, sendUserId: 's', code: 7, msg: 'm', data },
      exclude: { ids: ['7'] },
    },
  ]);
});

test('send pushes a MessageProto, int64 exactly', async (t) => {
  const doors = await startDoors(t);
  const message = '{"id":"9223372036854775807","action":"a","content":{"k":{"n":1.0}}}';
  await doors.post('/admin/v1/send', `{"target":{"to":"system"},"message":${message}}`);
  const [command] = doors.commands;
  assert.ok(command?.type === 'push' && command.message.kind === 'proto');
  assert.equal(command.system, 'default');
  assert.equal(command.message.id, 9223372036854775807n);
  assert.deepEqual(command.message.content, new Map([['k', '{"n":1.0}']]));
});

test('send takes every kind of target', async (t) => {
  const doors = await startDoors(t);
  const targets = [
    { to: 'connections', ids: ['1'] },
    { to: 'users', uids: ['a'] },
    { to: 'userConnections', uids: ['a'], ids: ['1'] },
    { to: 'device', uid: 'a', deviceId: 'd' },
    { to: 'groups', groups: ['g'] },
    { to: 'system' },
  ];
  for (const target of targets) await doors.post('/admin/v1/send', JSON.stringify({ target, push: {} }));
  const seen = doors.commands.map((command) => command.type === 'push' && command.target);
  assert.deepEqual(seen, targets);
});

test('send names the field that is wrong and what it should be', async (t) => {
  const doors = await startDoors(t);
  const users = '"target":{"to":"users","uids":["a"]}';
  const cases: [body: string, field: string | undefined, words: RegExp][] = [
    ['', undefined, /body/],
    ['[]', undefined, /object/],
    ['{"push":{}}', 'target', /required/],
    [`{${users}}`, 'push', /push or message/],
    [`{${users},"push":{},"message":{}}`, 'message', /not both/],
    [`{${users},"push":{},"sistem":"x"}`, 'sistem', /not a field/],
    [`{${users},"push":{"dta":1}}`, 'push.dta', /not a field/],
    [`{${users},"push":{"code":"1"}}`, 'push.code', /integer/],
    [`{${users},"push":{"code":1.5}}`, 'push.code', /integer/],
    [`{${users},"message":{"id":9007199254740993}}`, 'message.id', /as a string/],
    ['{"target":{"to":"users"},"push":{}}', 'target.uids', /required/],
    ['{"target":{"to":"users","uids":[]},"push":{}}', 'target.uids', /array/],
    ['{"target":{"to":"users","uids":[1]},"push":{}}', 'target.uids.0', /string/],
    ['{"target":{"to":"user","uids":["a"]},"push":{}}', 'target', /target/],
    [`{"target":{"to":"users","uids":["${'é'.repeat(200)}"]},"push":{}}`, 'target.uids', /255 bytes/],
    [`{${users},"push":{},"system":7}`, 'system', /string/],
  ];
  for (const [body, field, words] of cases) {
    const answer = await doors.post('/admin/v1/send', body);
    assert.equal(answer.status, 400, body);
    const { error } = json(answer.text);
    assert.equal(error.code, 'bad_request');
    assert.equal(error.field, field, body);
    assert.match(error.message, words);
  }
  assert.deepEqual(doors.commands, []);
});

test('a durable push is refused as not there yet; QoS 0 is what there is', async (t) => {
  const doors = await startDoors(t);
  const send = (qos: number) =>
    doors.ask('/admin/v1/send', { method: 'POST', body: JSON.stringify({ target: { to: 'system' }, push: {}, qos }) });
  const { status, text } = await send(1);
  assert.equal(status, 400);
  assert.equal(JSON.parse(text).error.code, 'qos_unavailable');
  assert.equal((await send(0)).status, 200);
  assert.equal(doors.commands.length, 1);
});

test('an unknown system is 404, in a body and in a query', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.post('/admin/v1/send', '{"system":"x","target":{"to":"system"},"push":{}}');
  assert.equal(answer.status, 404);
  assert.equal(json(answer.text).error.code, 'unknown_system');
  assert.equal((await doors.ask('/admin/v1/users?system=x')).status, 404);
  assert.equal((await doors.ask('/admin/v1/users/a?system=x')).status, 404);
  assert.deepEqual(doors.commands, []);
});

test('lists take their query as parameters', async (t) => {
  const page = { items: [{ any: 'row' }], total: 9, cursor: 'c2' };
  const give = () => page;
  const doors = await startDoors(t, {
    listConnections: give,
    listUsers: give,
    listGroups: give,
    listSystems: give,
    listMembers: give,
  });
  const asked =
    '?system=sys&search=a%20b&sort=uid&descending=true&limit=5&cursor=c1&where=uid%3Dalice&where=queueBytes>10';
  const query = {
    system: 'sys',
    search: 'a b',
    sort: 'uid',
    descending: true,
    limit: 5,
    cursor: 'c1',
    where: [
      { field: 'uid', op: '=', value: 'alice' },
      { field: 'queueBytes', op: '>', value: '10' },
    ],
  };
  for (const [path, command] of [
    ['connections', { type: 'listConnections', query }],
    ['users', { type: 'listUsers', query }],
    ['groups', { type: 'listGroups', query }],
    ['systems', { type: 'listSystems', query }],
    ['groups/g%201%2Fx/members', { type: 'listMembers', system: 'sys', group: 'g 1/x', query }],
  ] as const) {
    assert.deepEqual(json((await doors.ask(`/admin/v1/${path}${asked}`)).text), page);
    assert.deepEqual(doors.commands.pop(), command);
  }
  await doors.ask('/admin/v1/connections');
  assert.deepEqual(doors.commands.pop(), { type: 'listConnections', query: {} });
  await doors.ask('/admin/v1/groups/g/members');
  assert.deepEqual(doors.commands.pop(), { type: 'listMembers', system: 'default', group: 'g', query: {} });
});

test('a list says which parameter is wrong', async (t) => {
  const doors = await startDoors(t);
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=x', 'limit'],
    ['descending=maybe', 'descending'],
    ['where=alice', 'where'],
    [Array(33).fill('where=uid~a').join('&'), 'where'],
    ['filter=a', 'filter'],
  ] as const) {
    const answer = await doors.ask(`/admin/v1/connections?${query}`);
    assert.equal(answer.status, 400, query);
    assert.equal(json(answer.text).error.field, field);
  }
});

test('one row is found by its key, and 404 where there is none', async (t) => {
  const row = { found: true };
  const found = () => ({ items: [row], total: 1 });
  const doors = await startDoors(t, {
    listConnections: found,
    listUsers: found,
    listGroups: found,
    listSystems: found,
  });
  const clientId = 'pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY=';
  const url = Buffer.from(clientId, 'base64').toString('base64url');
  const only = (field: string, value: string, system?: string) => ({
    where: [{ field, op: '=', value }],
    limit: 1,
    ...(system && { system }),
  });
  for (const [path, command] of [
    ['connections/17', { type: 'listConnections', query: only('cid', '17', 'default') }],
    [`connections/${url}`, { type: 'listConnections', query: only('clientId', clientId, 'default') }],
    [
      `connections/${encodeURIComponent(clientId)}`,
      { type: 'listConnections', query: only('clientId', clientId, 'default') },
    ],
    ['users/a%2Fb?system=sys', { type: 'listUsers', query: only('uid', 'a/b', 'sys') }],
    ['groups/g', { type: 'listGroups', query: only('group', 'g', 'default') }],
    ['systems/sys', { type: 'listSystems', query: only('system', 'sys') }],
  ] as const) {
    assert.deepEqual(json((await doors.ask(`/admin/v1/${path}`)).text), row, path);
    assert.deepEqual(doors.commands.pop(), command);
  }
  const empty = await startDoors(t);
  for (const [path, code] of [
    ['connections/17', 'unknown_client'],
    ['users/a', 'unknown_user'],
    ['groups/g', 'unknown_group'],
    ['systems/x', 'unknown_system'],
  ] as const) {
    const answer = await empty.ask(`/admin/v1/${path}`);
    assert.equal(answer.status, 404);
    assert.equal(json(answer.text).error.code, code);
  }
});

test('one row says which nodes did not answer; what may be with them is not said to be nowhere', async (t) => {
  const missingNodes = ['n2'];
  const none = () => ({ items: [], total: 0, missingNodes });
  const silent = await startDoors(t, { listConnections: none, listUsers: none, listGroups: none, listSystems: none });
  for (const path of ['connections/17', 'users/a', 'groups/g']) {
    const answer = await silent.ask(`/admin/v1/${path}`);
    assert.equal(answer.status, 503, path);
    const { code, message, missingNodes: named } = json(answer.text).error;
    assert.deepEqual([code, named], ['unavailable', missingNodes], path);
    assert.match(message, /no answer from n2/);
  }
  const system = await silent.ask('/admin/v1/systems/x');
  assert.deepEqual([system.status, json(system.text).error.code], [404, 'unknown_system'], 'every node knows them all');

  const one = () => ({ items: [{ id: 1 }], total: 1, missingNodes });
  const some = await startDoors(t, { listConnections: one, listUsers: one, listGroups: one, listSystems: one });
  for (const path of ['users/a', 'groups/g', 'systems/x']) {
    assert.deepEqual(json((await some.ask(`/admin/v1/${path}`)).text), { id: 1, missingNodes }, path);
  }
  const whole = json((await some.ask('/admin/v1/connections/17')).text);
  assert.deepEqual(whole, { id: 1 }, 'a connection is on one node');
});

test('kicking closes a connection or a user’s connections', async (t) => {
  const doors = await startDoors(t, { kick: () => ({ matched: 2, closed: 2 }) });
  const ask = async (path: string) => json((await doors.ask(`/admin/v1/${path}`, { method: 'DELETE' })).text);
  assert.deepEqual(await ask('connections/17?system=sys&reason=spam'), { matched: 2, closed: 2 });
  assert.deepEqual(await ask('users/alice'), { matched: 2, closed: 2 });
  assert.deepEqual(doors.commands, [
    { type: 'kick', system: 'sys', target: { to: 'connections', ids: ['17'] }, reason: 'spam' },
    { type: 'kick', system: 'default', target: { to: 'users', uids: ['alice'] } },
  ]);
});

test('a preview says who a message would reach, changes nothing and is taken by a draining node', async (t) => {
  const answer = { matched: 2, nodes: { n1: 2 }, dialects: { json: 2 }, offline: [], missingNodes: [] };
  const doors = await startDoors(t, { preview: () => answer }, { isDraining: () => true });
  const target = { to: 'users', uids: ['a', 'b'] };
  const preview = async (body: object) => await doors.post('/admin/v1/send/preview', JSON.stringify(body));
  const { status, text } = await preview({ system: 'sys', target, exclude: { uids: ['c'] } });
  assert.deepEqual([status, json(text)], [200, answer]);
  assert.deepEqual(doors.commands, [{ type: 'preview', system: 'sys', target, exclude: { uids: ['c'] } }]);
  assert.deepEqual(doors.judged, ['inspect']);
  const refused = await preview({ target, push: { msg: 'hello' } });
  assert.deepEqual([refused.status, json(refused.text).error.field], [400, 'push']);
});

test('users/online asks for several users at once, __proto__ among them', async (t) => {
  const users = JSON.parse('{"a":1,"__proto__":2}');
  const doors = await startDoors(t, { online: () => ({ users, connections: {} }) });
  const answer = await doors.post('/admin/v1/users/online', '{"system":"sys","uids":["a","__proto__"]}');
  assert.equal(answer.text, '{"users":{"a":1,"__proto__":2},"connections":{}}');
  assert.deepEqual(doors.commands, [{ type: 'online', system: 'sys', uids: ['a', '__proto__'] }]);
});

test('groups are joined, left and emptied', async (t) => {
  const doors = await startDoors(t, { removeGroup: () => ({ removed: 4 }) });
  const group = `/admin/v1/groups/${encodeURIComponent('大厅/1')}`;
  const result = { matched: 1, changed: 1, unknown: [] };
  const joined = await doors.post(`${group}/join`, '{"system":"sys","uids":["a"],"userId":"u","extend":"e"}');
  assert.deepEqual(json(joined.text), result);
  assert.deepEqual(json((await doors.post(`${group}/leave`, '{"ids":["5"]}')).text), result);
  assert.deepEqual(json((await doors.ask(group, { method: 'DELETE' })).text), { removed: 4 });
  assert.equal((await doors.post(`${group}/join`, '{}')).status, 400);
  assert.equal((await doors.post(`${group}/join`, '{"ids":["5"],"uids":["a"]}')).status, 400);
  const at = (system: string) => ({ system, group: '大厅/1' });
  assert.deepEqual(doors.commands, [
    { type: 'join', ...at('sys'), members: { by: 'users', uids: ['a'] }, userId: 'u', extend: 'e' },
    { type: 'leave', ...at('default'), members: { by: 'connections', ids: ['5'] } },
    { type: 'removeGroup', ...at('default') },
  ]);
});

test('a group of the longest name that an id may have can be named in a path', async (t) => {
  const doors = await startDoors(t);
  for (const group of ['云'.repeat(85), 'g'.repeat(255), '%'.repeat(255)]) {
    await doors.ask(`/admin/v1/groups/${encodeURIComponent(group)}`, { method: 'DELETE' });
    assert.deepEqual(doors.commands.pop(), { type: 'removeGroup', system: 'default', group });
  }
});

test('systems are added and removed', async (t) => {
  const doors = await startDoors(t);
  const added = { system: 'shop', createdAt: 1, connections: 0, users: 0, groups: 0 };
  assert.deepEqual(json((await doors.post('/admin/v1/systems', '{"system":"shop"}')).text), added);
  assert.deepEqual(json((await doors.ask('/admin/v1/systems/shop', { method: 'DELETE' })).text), { closed: 0 });
  assert.deepEqual(doors.commands, [
    { type: 'addSystem', system: 'shop' },
    { type: 'removeSystem', system: 'shop' },
  ]);
});

test('a refusal of the command has its row’s status and all its words', async (t) => {
  const doors = await startDoors(t, {
    addSystem: () => {
      throw new YunqueError('system_exists', undefined, { field: 'system', hint: 'take another' });
    },
  });
  const answer = await doors.post('/admin/v1/systems', '{"system":"shop"}');
  assert.equal(answer.status, 409);
  assert.deepEqual(json(answer.text), {
    error: { code: 'system_exists', message: 'this system exists already', field: 'system', hint: 'take another' },
  });
});

test('a wrong method is 405 and names the right ones', async (t) => {
  const doors = await startDoors(t);
  const answer = await doors.ask('/admin/v1/users/a', { method: 'PUT', body: '{}' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers['allow'], 'GET, HEAD, DELETE');
  assert.equal(json(answer.text).error.code, 'method_not_allowed');
});

test('the OpenAPI document names every endpoint', async (t) => {
  const doors = await startDoors(t);
  const document = json((await doors.ask('/admin/v1/openapi.json')).text);
  assert.equal(document.openapi, '3.1.0');
  const endpoints = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  assert.deepEqual(endpoints.filter((endpoint) => !endpoint.startsWith('head')).toSorted(), [
    'delete /admin/v1/connections/{id}',
    'delete /admin/v1/groups/{group}',
    'delete /admin/v1/keys/{id}',
    'delete /admin/v1/nodes/{node}/drain',
    'delete /admin/v1/systems/{system}',
    'delete /admin/v1/users/{uid}',
    'delete /admin/v1/users/{uid}/ban',
    'get /admin/v1/bans',
    'get /admin/v1/connections',
    'get /admin/v1/connections/{id}',
    'get /admin/v1/events',
    'get /admin/v1/groups',
    'get /admin/v1/groups/{group}',
    'get /admin/v1/groups/{group}/members',
    'get /admin/v1/history',
    'get /admin/v1/keys',
    'get /admin/v1/nodes',
    'get /admin/v1/nodes/{node}',
    'get /admin/v1/snapshot',
    'get /admin/v1/stats',
    'get /admin/v1/systems',
    'get /admin/v1/systems/{system}',
    'get /admin/v1/tail',
    'get /admin/v1/users',
    'get /admin/v1/users/{uid}',
    'get /admin/v1/version',
    'post /admin/v1/groups/{group}/join',
    'post /admin/v1/groups/{group}/leave',
    'post /admin/v1/heap-snapshot',
    'post /admin/v1/keys',
    'post /admin/v1/nodes/{node}/drain',
    'post /admin/v1/nodes/{node}/ping',
    'post /admin/v1/reload',
    'post /admin/v1/send',
    'post /admin/v1/send/preview',
    'post /admin/v1/stop',
    'post /admin/v1/systems',
    'post /admin/v1/users/online',
    'post /admin/v1/users/{uid}/ban',
  ]);
  const send = document.paths['/admin/v1/send'].post;
  assert.equal(send.requestBody.content['application/json'].schema.properties.target.anyOf.length, 6);
  assert.ok(send.responses['200'].content['application/json'].schema.properties.matched);
});
