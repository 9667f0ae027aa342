import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../../src/config/load-config.ts';
import { planReload } from '../../../src/config/plan-reload.ts';

const config = (set: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ flags: { set }, env, cwd: '/nowhere' }).config;

test('what has not changed is no change, and stays the same object', () => {
  const inForce = config(['systems.list=shop']);
  const { changes, effective } = planReload(inForce, config(['systems.list=shop']));
  assert.deepEqual(changes, []);
  assert.equal(effective.systems.list, inForce.systems.list);
  assert.deepEqual(effective, inForce);
});

test('changes are told in the spelling of a file, unset ones as null, and only those that need no restart are put in force', () => {
  const inForce = config(['bindTimeout=3s', 'host=127.0.0.1']);
  const { changes, effective } = planReload(
    inForce,
    config(['bindTimeout=90s', 'limits.payload=1MiB', 'log.level=warn']),
  );
  assert.deepEqual(changes, [
    { key: 'host', old: '127.0.0.1', new: null, effect: 'needs_restart' },
    { key: 'bindTimeout', old: '3s', new: '90s', effect: 'applied' },
    { key: 'limits.payload', old: null, new: '1MiB', effect: 'needs_restart' },
    { key: 'log.level', old: 'info', new: 'warn', effect: 'applied' },
  ]);
  assert.deepEqual(
    [effective.host, effective.bindTimeoutMs, effective.limits.payloadBytes, effective.log.level],
    ['127.0.0.1', 90_000, undefined, 'warn'],
  );
});

test('what needs a restart is told again until there is one', () => {
  const wanted = config(['limits.payload=1MiB']);
  const { effective } = planReload(config([]), wanted);
  assert.deepEqual(
    planReload(effective, wanted).changes.map(({ key }) => key),
    ['limits.payload'],
  );
});

test('a secret that changed is told, and not shown', () => {
  const [before, after] = ['a'.repeat(40), 'b'.repeat(40)].map((key) => config([], { YUNQUE_OPERATOR_KEY: key }));
  assert.ok(before && after);
  const plan = planReload(before, after);
  assert.deepEqual(
    plan.changes.map(({ key }) => key),
    ['operator.key'],
  );
  assert.doesNotMatch(JSON.stringify(plan.changes), /aaa|bbb/);
});
