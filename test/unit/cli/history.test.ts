import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HistoryAnswer } from '../../../src/api/history.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli } from './run-cli.ts';

const who = {
  system: 'shop',
  cid: '4711',
  uid: 'alice',
  deviceId: 'phone',
  channel: 'ios',
  dialect: 'yunque',
} as const;
const at = { node: 'n1', remoteAddress: '10.1.0.7' };
const end = { ageSeconds: 158, idleSeconds: 4, delivered: 12_345, dropped: 17, queueBytes: 1024 * 1024 };
const known: HistoryAnswer = {
  schema: 'yunque.history/1',
  id: 'alice',
  system: 'shop',
  items: [
    { type: 'connected', sequence: 1, time: 1000, ...at, ...who },
    { type: 'bound', sequence: 2, time: 1001, ...at, ...who },
    { type: 'disconnected', code: 4008, reason: 'reads too slowly', sequence: 3, time: 159_000, ...at, ...who, end },
    { type: 'disconnected', code: 4000, reason: '\u001b[2J', sequence: 4, time: 159_001, ...at, ...who },
  ],
  connections: [],
  since: { n1: { ends: 500, rest: 600 }, n2: { ends: 700, rest: 700 } },
};
const nothing: HistoryAnswer = { ...known, id: 'bob', items: [] };

describe('client history', { timeout: 20_000 }, () => {
  it('says when it came and went, with the meaning of the close code and how the connection stood', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /history': known });
    const { exit, out, err } = await cli(['client', 'history', 'alice', '-S', 'shop', '-s', admin.url]);
    assert.equal(exit, 0, err);
    assert.equal(admin.asked[0]?.path, '/history?id=alice&system=shop');
    const lines = out.split('\n');
    assert.match(lines[1] ?? '', /n1\s+4711\s+connected\s+yunque from 10\.1\.0\.7$/);
    assert.match(lines[2] ?? '', /bound\s+alice, phone, ios$/);
    assert.match(
      lines[3] ?? '',
      /closed 4008 slow_consumer: reads too slowly \(after 2m38s; 12,345 delivered, 17 dropped, 1\.0 MiB waiting; silent for 4s\)$/,
    );
    assert.ok(!out.includes('\u001b'));
    assert.match(err, /since: n1 \S+ \S+, n2 /);
    const chinese = await cli(['client', 'history', 'alice', '--lang', 'zh', '-s', admin.url]);
    assert.match(chinese.out, /4008 slow_consumer：读取过慢（历时 2m38s/);
  });

  it('is cut by no terminal, and has all of it in JSON, one event a line in ndjson, and columns in csv', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /history': known });
    const ask = (...more: string[]) => cli(['client', 'history', 'alice', '-s', admin.url, ...more], { terminal: 40 });
    assert.match((await ask()).out, /silent for 4s\)/);
    assert.deepEqual(JSON.parse((await ask('--json')).out), known);
    const rows = (await ask('-o', 'ndjson')).out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    assert.deepEqual(rows[2], { schema: 'yunque.event/1', ...known.items[2] });
    assert.match(
      (await ask('-o', 'csv')).out,
      /^time,node,type,cid,uid,code,reason\r?\n1000,n1,connected,4711,alice,,\r?\n/,
    );
  });

  it('shows who is connected now, also where nothing is remembered', async (t) => {
    const connection = { clientId: '', ...who, ...at, connectedAt: 1, groups: [], ...end };
    const admin = await startFakeAdmin(t, {
      'GET /history': { ...nothing, connections: [{ ...connection, node: 'n2' }] },
    });
    const { exit, out } = await cli(['client', 'history', 'alice', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.match(out, /^connected now: 4711 on n2, yunque \(after 2m38s/);
  });

  it('ends with 3 where nothing is known, saying since when it would be, and with 7 where nodes did not answer', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /history': nothing });
    const unknown = await cli(['client', 'history', 'bob', '-s', admin.url]);
    assert.deepEqual([unknown.exit, unknown.out], [3, '']);
    assert.match(unknown.err, /nothing is known of bob\n.*since: n1 .*, n2 /);
    admin.answers['GET /history'] = { ...nothing, missingNodes: ['n3'] };
    const partly = await cli(['client', 'history', 'bob', '-s', admin.url]);
    assert.equal(partly.exit, 7);
    assert.match(partly.err, /no answer from n3/);
  });
});
