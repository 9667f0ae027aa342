import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { startCluster, type TestCluster } from '../support/cluster-process.ts';
import { configs, panelsOf, readDashboard } from '../support/dashboard.ts';
import { loadPubProto } from '../support/door-publishers.ts';
import { eventually } from '../support/eventually.ts';
import { type Prometheus, type PrometheusSeries, startPrometheus } from '../support/services/prometheus.ts';
import { innerScope, type Scope } from '../support/services/scope.ts';
import { sharedService } from '../support/services/shared.ts';
import { requireTool } from '../support/tool.ts';
import { startWorkers } from '../support/worker-node.ts';

const run = promisify(execFile);
const rulesFile = join(configs, 'prometheus/yunque-alerts.yml');

/** Half a second between scrapes: what people have in minutes is here in seconds. */
function configFor(yunque: readonly number[], workers: number): string {
  const targets = (ports: readonly number[]) => JSON.stringify(ports.map((port) => `127.0.0.1:${port}`));
  return `
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
rule_files: [${JSON.stringify(rulesFile)}]
scrape_configs:
  - { job_name: yunque, static_configs: [{ targets: ${targets(yunque)} }] }
  - { job_name: workers, static_configs: [{ targets: ${targets([workers])} }] }
`;
}

/** Two nodes that read a stream and a channel, tell a stream of events and take requests into another. */
async function startNodes(scope: Scope): Promise<{ cluster: TestCluster; redis: Redis; topic: string }> {
  const { url, prefix: topic } = await sharedService(scope, 'redis');
  const { hostname, port } = new URL(url);
  const cluster = await startCluster(scope, {
    redis: { host: hostname, port: Number(port || 6379) },
    env: {
      YUNQUE_TOPIC: topic,
      YUNQUE_DOORS: JSON.stringify(['channel', 'stream'].map((type) => ({ type, name: type, url }))),
      YUNQUE_EVENTS_SINKS: JSON.stringify([{ type: 'stream', name: 'presence', stream: `${topic}-events` }]),
      YUNQUE_UPLINK_ROUTES: JSON.stringify([{ type: 'stream', keys: ['track.*'], stream: `${topic}-tracks` }]),
    },
  });
  const redis = new Redis(url);
  scope.after(async () => {
    await redis.del(topic, `${topic}-events`, `${topic}-tracks`);
    redis.disconnect();
  });
  return { cluster, redis, topic };
}

/** Messages through every door, to all, to a group and to clients, until what it answers is called. */
async function keepBusy({ cluster, redis, topic }: Awaited<ReturnType<typeof startNodes>>) {
  const [encode, [listener]] = await Promise.all([
    loadPubProto(),
    cluster.clients('json', 2),
    cluster.clients('cim', 2),
  ]);
  assert.ok(listener !== undefined);
  await cluster.node(0).admin.join('news', { system: 'default', ids: [listener.ref] });
  const record = encode({ act: 0, msg: [{ action: 'chat', title: 'busy', content: { text: 'x' } }] });
  const over = new AbortController();
  const work = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const visitor = await cluster.node(0).join('json');
      visitor.ws.close();
      listener.send(JSON.stringify({ key: 'track.view', data: {} }));
      const push = { sendUserId: 'shop', code: 1, msg: 'news', data: '' };
      await Promise.all([
        cluster.node(0).post('/api/send_to_system', push),
        cluster.node(1).post('/api/send_to_group', { ...push, groupName: 'news' }),
        cluster.node(1).post('/api/send_to_system', push, { SystemId: 'nobody' }),
        redis.xadd(topic, '*', 'data', record),
        redis.publish(topic, record),
      ]);
      await delay(50, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  const working = work();
  return async () => {
    over.abort();
    await working;
  };
}

/** With everything chosen, and intervals that fit these scrapes. */
function substituted(expr: string): string {
  const values: Readonly<Record<string, string>> = {
    ...{ job: '.*', node: '.*', system: '.*' },
    ...{ __rate_interval: '3s', __interval: '1s', __range: '1m' },
  };
  return expr.replaceAll(/\$(\w+)/g, (whole, name: string) => values[name] ?? assert.fail(`unknown: ${whole}`));
}

function hasFigure(found: readonly PrometheusSeries[]): boolean {
  const values = found.flatMap(({ value, values: several }) => several ?? (value === undefined ? [] : [value]));
  return values.some(([, value]) => Number.isFinite(Number(value)));
}

async function everyPanelShowsSomething(prometheus: Prometheus): Promise<void> {
  const asked = panelsOf(readDashboard()).flatMap(({ title, type, targets = [] }) =>
    targets.map(({ expr }) => ({ title, type, expr: substituted(expr) })),
  );
  let empty = asked;
  await eventually(
    'every panel shows something',
    async () => {
      const answers = empty.map(async (one) => {
        const isSeries = one.type === 'timeseries';
        const found = await (isSeries ? prometheus.queryRange(one.expr, 5) : prometheus.query(one.expr));
        return hasFigure(found) ? [] : [one];
      });
      empty = (await Promise.all(answers)).flat();
      if (empty.length > 0) await delay(250);
      return empty.length === 0;
    },
    30_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; empty: ${empty.map(({ title, expr }) => `${title}: ${expr}`).join('\n')}`);
  });
}

test('a real Prometheus with the dashboard and the alerts of configs/', async (t) => {
  // Ends in the reverse order: Redis after those who use it.
  const scope = innerScope({ after: (end) => t.after(end) });
  const [nodes, workers] = await Promise.all([startNodes(scope), startWorkers(t)]);
  const { cluster } = nodes;
  const rest = await keepBusy(nodes);
  scope.after(rest);
  const ports = cluster.nodes.map(({ port }) => port);
  const prometheus = await startPrometheus(scope, configFor(ports, workers.port));

  await t.test('takes the metrics of every target', async () => {
    await eventually('all are up', async () =>
      (await prometheus.targets()).every(({ health }) => health === 'up'),
    ).catch(async (error: Error) => assert.fail(`${error.message}: ${JSON.stringify(await prometheus.targets())}`));
  });

  await t.test('every query of every panel has an answer with a figure in it', () => {
    return everyPanelShowsSomething(prometheus);
  });

  await t.test('every variable has values to choose from', async () => {
    for (const { name, type, definition = '' } of readDashboard().templating.list) {
      if (type !== 'query') continue;
      const [, match = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      const values = new Set((await prometheus.series(substituted(match))).map((labels) => labels[label]));
      assert.deepEqual([...values].toSorted(), valuesOf(name, [...ports, workers.port]), name);
    }
  });

  await t.test('every alert is understood, and none fires while all is well', async () => {
    await eventually('all were looked at', async () =>
      (await prometheus.rules()).every(({ health }) => health === 'ok'),
    );
    const firing = (await prometheus.rules()).filter(({ state }) => state === 'firing').map(({ name }) => name);
    // A machine that others keep busy may hold up a node for a second: that is not this test's to judge.
    assert.deepEqual(
      firing.filter((name) => name !== 'YunqueStoodStill'),
      [],
    );
  });

  await t.test('a node that is killed is one that is down, at the next scrape', async () => {
    await rest();
    await cluster.node(1).kill();
    await eventually('the alert waits for its minute', async () =>
      (await prometheus.rules()).some(({ name, state }) => name === 'YunqueNodeDown' && state === 'pending'),
    );
    const [down] = await prometheus.query(substituted(panelOf('Nodes that do not answer')));
    assert.equal(down?.value?.[1], '1');
  });
});

function panelOf(title: string): string {
  const found = panelsOf(readDashboard()).find((panel) => panel.title === title);
  return found?.targets?.[0]?.expr ?? assert.fail(`there is no panel ${title}`);
}

function valuesOf(variable: string, ports: readonly number[]): readonly string[] {
  if (variable === 'job') return ['workers', 'yunque'];
  if (variable === 'node') return ports.map((port) => `127.0.0.1:${port}`).toSorted();
  return ['default'];
}

test('the rules and the example of a configuration are what promtool takes, and each alert fires when it should and not otherwise', async () => {
  const promtool = await requireTool('promtool', 'prometheus');
  const at = (file: string) => join(configs, 'prometheus', file);
  await run(promtool, ['check', 'rules', at('yunque-alerts.yml')]);
  await run(promtool, ['check', 'config', at('prometheus.yml')]);
  await run(promtool, ['test', 'rules', at('yunque-alerts.test.yml')]);
});
