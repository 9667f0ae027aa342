import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Command, Execute } from '../../../src/api/command.ts';
import { YunqueError } from '../../../src/api/errors.ts';
import { type Actor, type Change, openAudit } from '../../../src/telemetry/audit.ts';
import { auditedExecute } from '../../../src/telemetry/audited-execute.ts';
import { eventually } from '../../support/eventually.ts';

const operator: Actor = {
  by: { kind: 'operator', role: 'operate', by: 'key', keyId: 'abc' },
  remoteAddress: '10.0.0.9',
};

function open(t: TestContext, name = 'audit.jsonl') {
  const folder = mkdtempSync(join(tmpdir(), 'yunque-audit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  const losing: string[] = [];
  const audit = openAudit({
    nodeId: 'n1',
    path,
    maxBytes: 1024 * 1024,
    maxFiles: 2,
    onLosing: (reason) => losing.push(reason),
    onRecovered: () => {},
  });
  return { path, audit, losing };
}

describe('the audit log', { timeout: 20_000 }, () => {
  test('holds a line for each change, of its owner alone, with nothing that moves a cursor', async (t) => {
    const { path, audit } = open(t);
    const started = Date.now();
    audit.record({
      ...operator,
      action: 'kick',
      what: { system: 'shop', reason: '\u009b31m' },
      outcome: 'ok',
      result: { closed: 2 },
    });
    audit.record({ by: { kind: 'signal', signal: 'SIGHUP' }, action: 'reload', outcome: 'bad_request' });
    await audit.close();
    const lines = readFileSync(path, 'utf8').split('\n');
    assert.equal(lines.pop(), '');
    const [kick, reload] = lines.map((line) => JSON.parse(line));
    assert.ok(Math.abs(Date.parse(kick.time) - started) < 60_000 && kick.time.endsWith('Z'), kick.time);
    assert.deepEqual(
      { ...kick, time: '' },
      {
        time: '',
        node: 'n1',
        ...operator,
        action: 'kick',
        system: 'shop',
        reason: '\u009b31m',
        outcome: 'ok',
        result: { closed: 2 },
      },
    );
    assert.match(lines[0] ?? '', /\\u009b31m/);
    assert.deepEqual(
      { ...reload, time: '' },
      { time: '', node: 'n1', by: { kind: 'signal', signal: 'SIGHUP' }, action: 'reload', outcome: 'bad_request' },
    );
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('that cannot be written stops no command, and its lost lines are told and counted', async (t) => {
    const { path, audit, losing } = open(t);
    mkdirSync(path);
    const execute = auditedExecute((async () => ({ removed: 3 })) as unknown as Execute, audit, operator);
    assert.deepEqual(await execute({ type: 'removeGroup', system: 's', group: 'g' }), { removed: 3 });
    await eventually('the line is counted', () => audit.lost === 1);
    assert.equal(losing.length, 1);
    await audit.close();
  });
});

/** Runs one command that ends with `end`, and answers what was written down of it. */
async function changesOf(command: Command, end: unknown): Promise<Omit<Change, keyof Actor>[]> {
  const changes: Change[] = [];
  const execute = async () => {
    if (end instanceof Error) throw end;
    return end;
  };
  const audited = auditedExecute(execute as unknown as Execute, { record: (change) => changes.push(change) }, operator);
  const [got] = await Promise.allSettled([audited(command)]);
  if (end instanceof Error) assert.equal((got as PromiseRejectedResult).reason, end);
  else assert.equal((got as PromiseFulfilledResult<unknown>).value, end);
  return changes.map(({ by, remoteAddress, ...change }) => {
    assert.deepEqual({ by, remoteAddress }, operator);
    return change;
  });
}

describe('of a command is written down', () => {
  const system = 'shop';
  const changes: readonly (readonly [command: Command, end: unknown, what: object, result: object])[] = [
    [
      { type: 'kick', system, target: { to: 'users', uids: ['alice'] }, reason: 'spam' },
      { matched: 2, closed: 1 },
      { system, target: { to: 'users', uids: ['alice'] }, reason: 'spam' },
      { matched: 2, closed: 1 },
    ],
    [
      {
        type: 'join',
        system,
        group: 'g',
        members: { by: 'connections', ids: ['1', '2'] },
        userId: 'u',
        extend: 'secret',
      },
      { matched: 1, changed: 1, unknown: ['2'] },
      { system, group: 'g', members: { by: 'connections', ids: ['1', '2'] } },
      { matched: 1, changed: 1, unknown: 1 },
    ],
    [
      { type: 'leave', system, group: 'g', members: { by: 'users', uids: ['alice'] } },
      { matched: 1, changed: 0, unknown: [] },
      { system, group: 'g', members: { by: 'users', uids: ['alice'] } },
      { matched: 1, changed: 0, unknown: 0 },
    ],
    [{ type: 'removeGroup', system, group: 'g' }, { removed: 4 }, { system, group: 'g' }, { removed: 4 }],
    [{ type: 'addSystem', system }, { system, createdAt: 7, connections: 0, users: 0, groups: 0 }, { system }, {}],
    [{ type: 'removeSystem', system }, { closed: 5 }, { system }, { closed: 5 }],
    [
      { type: 'rotateKey', grant: { owner: 'system', system, role: 'push' }, now: false, ttlMs: 5000 },
      {
        info: { owner: 'system', system, role: 'push', id: 'new', createdAt: 1, expiresAt: 5001 },
        key: 'yq_new_secret',
        kept: { owner: 'system', system, role: 'push', id: 'old', createdAt: 0 },
        removed: ['older'],
      },
      { owner: 'system', system, role: 'push', now: false, ttlMs: 5000 },
      { keyId: 'new', expiresAt: 5001, kept: 'old', removed: ['older'] },
    ],
    [
      { type: 'removeKey', id: 'old' },
      { owner: 'operator', role: 'read', id: 'old', createdAt: 1 },
      { keyId: 'old' },
      { owner: 'operator', role: 'read', createdAt: 1 },
    ],
    [
      { type: 'ban', system, uid: 'alice', forMs: 5000, reason: 'spam' },
      { closed: 2, until: 7000 },
      { system, uid: 'alice', forMs: 5000, reason: 'spam' },
      { closed: 2, until: 7000 },
    ],
    [{ type: 'unban', system, uid: 'alice' }, { lifted: true }, { system, uid: 'alice' }, { lifted: true }],
  ];
  for (const [command, end, what, result] of changes) {
    test(`${command.type}, with what came of it`, async () => {
      assert.deepEqual(await changesOf(command, end), [{ action: command.type, what, outcome: 'ok', result }]);
    });
    test(`${command.type} that is refused, with the code of the refusal`, async () => {
      const refusal = new YunqueError('unknown_system');
      assert.deepEqual(await changesOf(command, refusal), [{ action: command.type, what, outcome: 'unknown_system' }]);
    });
  }

  test('a fault of ours as internal, without its words', async () => {
    const [change] = await changesOf({ type: 'addSystem', system }, new Error('SQLITE_FULL: key=abc'));
    assert.deepEqual(change, { action: 'addSystem', what: { system }, outcome: 'internal' });
  });

  test('of a thousand names the first hundred, and how many more there were', async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `c${n}`);
    const members = { by: 'connections', ids } as const;
    const [change] = await changesOf(
      { type: 'join', system, group: 'g', members },
      { matched: 0, changed: 0, unknown: ids },
    );
    assert.deepEqual(change?.what?.['members'], { by: 'connections', ids: ids.slice(0, 100), more: 900 });
    assert.deepEqual(change?.result, { matched: 0, changed: 0, unknown: 1000 });
  });

  test('nothing, where it is a push or a question', async () => {
    const query = {};
    const message = { kind: 'push', messageId: 'm', sendUserId: '', code: 0, msg: '', data: '"body"' } as const;
    const target = { to: 'system' } as const;
    const silent: readonly Command[] = [
      { type: 'push', door: 'http', system, target, message },
      { type: 'pushList', door: 'http', system, items: [{ target, message }] },
      { type: 'listSystems', query },
      { type: 'listGroups', query },
      { type: 'listMembers', system, group: 'g', query },
      { type: 'listClientIds', system, group: 'g' },
      { type: 'listConnections', query },
      { type: 'listUsers', query },
      { type: 'online', system, uids: ['alice'] },
      { type: 'stats' },
      { type: 'listKeys', query },
      { type: 'listBans', query },
      { type: 'pingNode', node: 'n' },
    ];
    for (const command of silent) assert.deepEqual(await changesOf(command, {}), [], command.type);
  });
});
