import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { type Credential, credentials, makeCredentials } from '../support/access-credentials.ts';
import { AccessPlace } from '../support/access-place.ts';
import { type Need, type RouteRow, routeRows } from '../support/access-routes.ts';
import { type Answer, ask } from '../support/http-request.ts';
import type { TestNode } from '../support/node.ts';
import { startNodeWithRoutes } from '../support/node-routes.ts';

/** What is said, in the order code, message, hint. The hint names the option or the credential that would allow it. */
const refusals = {
  takesKey: ['unauthorized', /this system takes a key/, /yunque system rotate-key/],
  takesOperator: ['unauthorized', /a key of the operator is needed/, /the serve banner says which file holds it/],
  wrong: ['unauthorized', /the key is not valid/, /Authorization: Bearer KEY/],
  expired: ['unauthorized', /the key has expired/, /Authorization: Bearer KEY/],
  byAddress: ['forbidden', /loopback is not trusted here/, /set auth\.trustLoopback: true/],
  otherSystem: ['forbidden', /the key is for another system/, /SystemId/],
  notSystems: ['forbidden', /a system’s own key may not do this/, /a key of the operator/],
  needsPush: ['forbidden', /a key of role read may not do this/, /use one of role push/],
  needsOperate: ['forbidden', /a key of role read may not do this/, /use one of role operate/],
  needsAdmin: ['forbidden', /a key of role \w+ may not do this/, /use one of role admin/],
} as const;
type Outcome = keyof typeof refusals | 'yes';

/** A column of the table: in the order of `needs`. */
const needs = ['read', 'push', 'close', 'register', 'inspect', 'operate', 'administer', 'metrics'] as const;
type Column = readonly [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome];

const all = (outcome: Outcome): Column => [outcome, outcome, outcome, outcome, outcome, outcome, outcome, outcome];
const no = 'notSystems';
const bySystemKey = (read: Outcome, push: Outcome, close: Outcome): Column => [read, push, close, no, no, no, no, no];
const nobody = (read: Outcome, push: Outcome, close: Outcome, others: Outcome): Column => {
  return [read, push, close, others, 'takesOperator', 'takesOperator', 'takesOperator', others];
};

/** The same wherever a request comes from: who brings a key is judged by the key. */
const byKey: Readonly<Record<Exclude<Credential, `no key${string}`>, Column>> = {
  'a wrong key': all('wrong'),
  'a key nobody has': all('wrong'),
  'an empty key': all('wrong'),
  'an expired key': all('expired'),
  'a key of another system': bySystemKey('otherSystem', 'otherSystem', 'otherSystem'),
  'its system’s key of role read': bySystemKey('yes', 'needsPush', 'needsAdmin'),
  'its system’s key of role push': bySystemKey('yes', 'yes', 'needsAdmin'),
  'its system’s key of role admin': bySystemKey('yes', 'yes', 'yes'),
  'an operator’s key of role read': [
    ...(['yes', 'needsOperate', 'needsOperate', 'needsAdmin'] as const),
    ...(['yes', 'needsOperate', 'needsAdmin', 'yes'] as const),
  ],
  'an operator’s key of role operate': [
    ...(['yes', 'yes', 'yes', 'needsAdmin'] as const),
    ...(['yes', 'yes', 'needsAdmin', 'yes'] as const),
  ],
  'an operator’s key of role admin': all('yes'),
  'the configured operator’s key': all('yes'),
};

const places = [
  {
    from: 'a trusted peer',
    trustLoopback: true,
    columns: {
      ...byKey,
      'no key': nobody('takesKey', 'takesKey', 'takesKey', 'yes'),
      'no key, in a system without keys': nobody('yes', 'yes', 'yes', 'yes'),
    },
    login: 'yes',
  },
  {
    from: 'a peer that is not trusted',
    trustLoopback: false,
    columns: {
      ...byKey,
      'no key': nobody('byAddress', 'byAddress', 'byAddress', 'byAddress'),
      'no key, in a system without keys': nobody('byAddress', 'byAddress', 'byAddress', 'byAddress'),
    },
    login: 'byAddress',
  },
] as const;

for (const { from, trustLoopback, columns, login } of places) {
  describe(`from ${from}`, () => {
    let node: TestNode;
    let routes: readonly string[];
    let place: AccessPlace;
    let keys: Readonly<Record<Credential, string | undefined>>;

    before(async () => {
      const set = ['demo=true', `auth.trustLoopback=${trustLoopback}`, 'auth.failedKeys.delay=0s'];
      ({ node, routes } = await startNodeWithRoutes({ set }));
      const operatorKey = (await readFile(node.node.operator.keyFile ?? '', 'utf8')).trim();
      keys = await makeCredentials(node, operatorKey);
      place = new AccessPlace(node);
      await place.addDemoAccount();
      await place.restore();
    });
    after(() => node[Symbol.asyncDispose]());

    const outcomeOf = (need: Need, credential: Credential): Outcome => {
      if (need === 'open') return 'yes';
      // The demo accounts have tokens of their own: no key opens them, and none closes them.
      return need === 'login' ? login : columns[credential][needs.indexOf(need)]!;
    };

    /** Every request of `credential`, HEAD beside each GET. */
    const requestsOf = (credential: Credential) =>
      routeRows
        .flatMap((row) => (row.route.startsWith('GET ') ? [row, headOf(row)] : [row]))
        .filter(({ route }) => routes.includes(route))
        .map((row) => ({ row, outcome: outcomeOf(row.need, credential) }));

    const send = (row: RouteRow, credential: Credential, body?: unknown): Promise<Answer> => {
      const asked = row.ask(place);
      const system = credential === 'no key, in a system without keys' ? 'default' : 'shop';
      return ask(node.port, asked.path, {
        method: row.route.split(' ')[0] ?? '',
        headers: { SystemId: system, ...header(row, keys[credential]) },
        body: (body ?? asked.body) as string | undefined,
      });
    };

    const refusedCounts = async () => (await node.admin.stats()).nodes[0]?.refused ?? {};

    test('every HTTP route of the node has its row', () => {
      const rows = new Set(routeRows.map(({ route }) => route));
      const missing = routes.filter((route) => !rows.has(route) && !rows.has(route.replace('HEAD ', 'GET ')));
      assert.deepEqual(missing, []);
      assert.deepEqual(
        [...rows].filter((route) => !routes.includes(route)),
        [],
      );
    });

    for (const credential of credentials) {
      test(`${credential}: what is refused says why and what would allow it, is counted, and changes nothing`, async () => {
        await place.restore();
        const refused = requestsOf(credential).filter(({ outcome }) => outcome !== 'yes');
        const [before, counted] = [await place.look(), { ...(await refusedCounts()) }];
        for (const { row, outcome } of refused) {
          if (outcome === 'yes') continue;
          const [code, message, hint] = refusals[outcome];
          checkRefusal(row, await send(row, credential), { code, message, hint });
          counted[code] = (counted[code] ?? 0) + 1;
        }
        assert.deepEqual(await refusedCounts(), counted);
        assert.deepEqual(await place.look(), before);
      });

      test(`${credential}: what is allowed is done`, async () => {
        for (const { row, outcome } of requestsOf(credential)) {
          if (outcome !== 'yes') continue;
          await place.restore();
          const { status, text } = await send(row, credential, row.harmless?.body);
          assert.equal(status, row.harmless?.status ?? 200, `${row.route}: ${text}`);
          const isThere = credential !== 'no key, in a system without keys';
          if (row.family === 'go-websocket' && isThere) assert.equal(JSON.parse(text).code, 0, `${row.route}: ${text}`);
        }
      });
    }

    test('below /admin there is nothing to be found out without a key: what is not there is refused like what is', async () => {
      for (const path of ['/admin', '/admin/', '/admin/v1', '/admin/v1/none', '/admin/v1/stats/x', '/admin/v1/%zz']) {
        for (const method of ['GET', 'POST', 'PUT', 'OPTIONS', 'TRACE']) {
          const { status, headers, text } = await ask(node.port, path, { method });
          assert.equal(status, 401, `${method} ${path}`);
          assert.equal(headers['www-authenticate'], 'Bearer', `${method} ${path}`);
          assert.match(text, /a key of the operator is needed/);
        }
      }
    });
  });
}

/** Both headers take a key, the demo accounts' own tokens only one of them. */
function header({ need, route }: RouteRow, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  return need === 'login' || route.length % 2 === 0 ? { 'X-API-Key': key } : { Authorization: `Bearer ${key}` };
}

function headOf(row: RouteRow): RouteRow {
  return { ...row, route: row.route.replace('GET', 'HEAD') };
}

function checkRefusal(
  { family, route }: RouteRow,
  { status, text, headers }: Answer,
  { code, message, hint }: { code: string; message: RegExp; hint: RegExp },
): void {
  const table = code === 'unauthorized' ? 401 : 403;
  assert.equal(status, family === 'go-websocket' ? 403 : table, `${route}: ${text}`);
  assert.match(headers['content-type'] ?? '', /^application\/json/, route);
  assert.equal(headers['www-authenticate'], code === 'unauthorized' ? 'Bearer' : undefined, route);
  if (route.startsWith('HEAD')) return;
  const body = JSON.parse(text);
  assert.doesNotMatch(text, /yq_/, 'and never repeats a key');
  if (family === 'error') {
    const { error } = body;
    assert.deepEqual(Object.keys(error), ['code', 'message', 'hint'], route);
    assert.equal(error.code, code, route);
    assert.match(error.message, message, route);
    assert.match(error.hint, hint, route);
    return;
  }
  const words = family === 'go-websocket' ? body.msg : body.message;
  const shape =
    family === 'go-websocket' ? { code: -1, msg: words, data: [] } : { code: table, message: words, data: null };
  assert.deepEqual(body, shape, route);
  const [said, ...hinted] = String(words).split('; ');
  assert.match(said ?? '', message, route);
  assert.match(hinted.join('; '), hint, route);
}
