import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { flatten } from '../../../src/cli/command-tree.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { applyDryRun } from '../../../src/cli/dry-run/apply.ts';
import { handlings } from '../../../src/cli/dry-run/handling.ts';
import { printPlan, type Step } from '../../../src/cli/dry-run/plan.ts';
import { createPrinter } from '../../../src/cli/output/printer.ts';
import { en } from '../../../src/cli/text/en.ts';
import { zh } from '../../../src/cli/text/zh.ts';
import { createFakeStats } from '../../support/fake-stats.ts';
import { refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, wholeTree } from './run-cli.ts';

const leaves = flatten(await wholeTree()).filter(({ children, path }) => children.length === 0 && path.length > 0);

describe('what commands do with --dry-run', () => {
  it('is declared of every command there is, and of no other', () => {
    assert.deepEqual(Object.keys(handlings).sort(), leaves.map(({ path }) => path.join(' ')).sort());
  });

  it('of a plan is its planner, and never the action', async () => {
    for (const [name, handling] of Object.entries(handlings)) {
      if (typeof handling !== 'object' || !('plans' in handling)) continue;
      assert.equal(typeof (await handling.plans()), 'function', name);
    }
  });

  it('is a refusal where nothing is declared, and the action is not run', async () => {
    const program = new Command('yunque').exitOverride();
    let runs = 0;
    program.command('forgotten').action(() => {
      runs++;
    });
    const context = { text: en } as CliContext;
    program.hook('preAction', async (_, action) => applyDryRun(context, action));
    await assert.rejects(program.parseAsync(['forgotten'], { from: 'user' }), {
      message: 'forgotten cannot be tried with --dry-run',
      exit: 2,
    });
    assert.equal(runs, 0);
  });

  it('of load, of a client and of a node to start is a refusal: 2', async () => {
    for (const line of ['serve 0', '0', 'connect ws://127.0.0.1:1/ws', 'bench fanout', 'bench api', 'top --record f']) {
      const { exit, out, err } = await cli([...line.split(' '), '--dry-run']);
      assert.deepEqual([exit, out], [2, ''], line);
      assert.match(err, /cannot be tried with --dry-run\nhint: leave out/, line);
    }
  });

  it('of check is a refusal as long as it sends a probe', async (t) => {
    const admin = await startFakeAdmin(t, {});
    const { exit, err } = await cli(['check', '--dry-run', '-s', admin.url]);
    assert.equal(exit, 3);
    assert.match(err, /hint: add --no-probe/);
    assert.equal(admin.asked.length, 0);
    assert.doesNotMatch((await cli(['check', '--no-probe', '--dry-run', '-s', admin.url])).err, /hint: add/);
  });

  it('of what changes nothing is what it always does, wherever the flag stands', async () => {
    for (const line of ['errors 4503', 'version', 'proto push', 'completion bash', 'config show'])
      assert.deepEqual(await cli(['--dry-run', ...line.split(' ')]), await cli(line.split(' ')), line);
  });
});

describe('a plan', () => {
  it('asks with the role read alone, so that the node would refuse more', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /send/preview': { matched: 2, nodes: { n1: 2 }, dialects: { json: 2 }, offline: [], missingNodes: [] },
    });
    const { exit, out } = await cli(['user', 'kick', 'a', '--dry-run', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.equal(out, 'would      close 2 connections in default\nnodes      n1 2\nexit code  0\n');
    assert.deepEqual(
      admin.asked.map(({ headers }) => headers['x-yunque-role']),
      ['read'],
    );
  });

  it('of what some nodes did not tell exits with 7 and names them', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /send/preview': { matched: 0, nodes: {}, dialects: {}, offline: ['a'], missingNodes: ['n2'] },
    });
    const { exit, out, err } = await cli(['user', 'kick', 'a', '--dry-run', '--json', '-s', admin.url]);
    assert.equal(exit, 7);
    assert.deepEqual([JSON.parse(out).missingNodes, JSON.parse(out).exit], [['n2'], 7]);
    assert.match(err, /no answer from n2/);
    assert.doesNotMatch(err, /nobody/);
  });

  it('fails as the command would where the node refuses the question', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /send/preview': (_: unknown, response: never) =>
        refuse(response, 404, { code: 'unknown_system', message: 'no such system' }),
    });
    const { exit, out } = await cli(['client', 'kick', '7', '--dry-run', '-s', admin.url]);
    assert.deepEqual([exit, out], [1, '']);
  });

  it('of a node of workers is of all of them, and of a heap that of the first', async (t) => {
    const stats = await createFakeStats({ nodes: 2 }).stats();
    const admin = await startFakeAdmin(t, { 'GET /version': { node: 'whole' }, 'GET /stats': stats });
    const planOf = async (line: string) => {
      const { out, err } = await cli([...line.split(' '), '--dry-run', '--json', '-s', admin.url]);
      assert.notEqual(out, '', err);
      return JSON.parse(out);
    };
    const connections = stats.nodes.reduce((sum, node) => sum + node.connections, 0);
    assert.deepEqual((await planOf('stop')).would, [{ do: 'stop', node: 'whole', connections, now: false }]);
    const [first] = stats.nodes;
    assert.equal((await planOf('node heap-snapshot')).would[0].node, first?.node);
    admin.answers['GET /version'] = { node: first?.node };
    assert.equal((await planOf('stop --now')).affected.connections, first?.connections);
  });

  it('asks for no confirmation', async (t) => {
    const admin = await startFakeAdmin(t, {
      'POST /send/preview': { matched: 20_000, nodes: { n1: 20_000 }, dialects: { json: 20_000 }, missingNodes: [] },
    });
    for (const line of ['send --all', 'group rm g', 'client kick 1 2', 'send --all --stdin'])
      assert.equal((await cli([...line.split(' '), '--dry-run', '-s', admin.url], { terminal: 80 })).exit, 0, line);
  });

  const steps: readonly Step[] = [
    { do: 'send', connections: 2, system: 's' },
    { do: 'close', connections: 1, system: 's' },
    { do: 'ban', uid: 'u', system: 's', until: 0 },
    { do: 'unban', uid: 'u', system: 's' },
    { do: 'join', group: 'g', system: 's', connections: 2 },
    { do: 'leave', group: 'g', system: 's', connections: 2 },
    { do: 'remove-group', group: 'g', system: 's', connections: 2 },
    { do: 'add-system', system: 's' },
    { do: 'remove-system', system: 's', connections: 2, keys: 3, bans: 4 },
    { do: 'make-key', owner: 'operator', role: 'read' },
    { do: 'make-key', owner: 'system', system: 's', role: 'push', expiresAt: 0 },
    { do: 'keep-key', id: 'k' },
    { do: 'end-key', id: 'k' },
    { do: 'drain', node: 'n', connections: 2, perSecond: 10 },
    { do: 'resume', node: 'n' },
    { do: 'heap-snapshot', node: 'n', heapBytes: 1024 },
    { do: 'stop', node: 'n', connections: 2, now: true },
    { do: 'reload', node: 'n' },
    { do: 'save-context', context: 'c', server: 'x', isReplaced: true },
    { do: 'use-context', context: null },
    { do: 'use-context', context: 'c' },
    { do: 'forget-context', context: 'c' },
    { do: 'write-file', file: '/f' },
    { do: 'mint-token', uid: 'u', system: 's', expiresAt: 0, alg: 'HS256' },
  ];

  it('has words for every step in both languages, each with its values', async () => {
    assert.deepEqual([...new Set(steps.map((step) => step.do))].sort(), Object.keys(en.dryRun.steps).sort());
    for (const text of [en, zh]) {
      let out = '';
      const write = (chunk: string) => {
        out += chunk;
      };
      const printer = createPrinter({ format: 'table', width: undefined, color: false, write });
      const context = { text, printer: async () => printer, note: () => {}, exitCode: 0 } as unknown as CliContext;
      await printPlan(context, { command: 'x', would: steps, affected: {}, exit: 0 });
      const lines = out.split('\n').slice(0, steps.length);
      for (const [at, line] of lines.entries()) {
        const {
          do: _name,
          expiresAt: _,
          until: __,
          heapBytes: ___,
          owner: ____,
          ...rest
        } = steps[at] as Step & {
          [name: string]: unknown;
        };
        assert.equal(/\p{Script=Han}/u.test(line), text === zh, line);
        for (const value of Object.values(rest))
          if (value !== null && typeof value !== 'boolean') assert.ok(line.includes(String(value)), line);
      }
    }
  });
});
