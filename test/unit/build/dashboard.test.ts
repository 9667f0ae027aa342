import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { layOut } from '../../../src/build/dashboard/layout.ts';
import { series } from '../../../src/build/dashboard/panel.ts';
import { Counters } from '../../../src/telemetry/counters.ts';
import { mergeMetrics } from '../../../src/telemetry/merged-metrics.ts';
import { createMetrics } from '../../../src/telemetry/prometheus.ts';
import { configs, type DashboardPanel, type GridPos, panelsOf, readDashboard } from '../../support/dashboard.ts';
import { nodeStats } from '../../support/node-stats.ts';

const dashboard = readDashboard();
const panels = panelsOf(dashboard);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
const yaml = (file: string) => parse(readFileSync(join(configs, 'prometheus', file), 'utf8'));
const rules: readonly Rule[] = yaml('yunque-alerts.yml').groups.flatMap((group: { rules: Rule[] }) => group.rules);

/** Of a node with everything, and of one with workers; and what Prometheus adds. */
async function knownMetrics(): Promise<ReadonlySet<string>> {
  const bus = { engine: 'redis', up: true, figures: { lag: 0, sent: 0 } };
  const cluster = { incarnation: 1, links: [], members: 1, died: 0, redis: { up: true }, bus };
  const door = { name: 'd', kind: 'stream', state: 'reading', perSecond: 0, figures: { gaps: 0 } } as const;
  const counted = { records: 0, messages: 0, batches: 0, duplicates: 0, parked: 0, retries: 0 };
  const sink = { name: 's', use: 'events', kind: 'http', state: 'ready' } as const;
  const stats = nodeStats({
    cluster,
    doors: [{ ...door, ...counted }],
    sinks: [{ ...sink, sent: 0, failed: 0, dropped: 0, waiting: 0 }],
  });
  const source = { stats: async () => stats, connections: () => [], durations: new Counters() };
  const text = (await createMetrics(source)()) + (await mergeMetrics([]));
  return new Set(['up', ...[...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string)]);
}

/** What stands before a brace or a bracket, or is compared; the words of PromQL are no metrics. */
function metricsIn(expr: string): readonly string[] {
  const names = expr.replaceAll(/"[^"]*"/g, '').match(/\b(?:up|yunque_\w+|nodejs_\w+|process_\w+)\b/g) ?? [];
  return names.map((name) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds'));
}

function overlap(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function clashesOf(all: readonly DashboardPanel[]): readonly string[] {
  return all.flatMap((panel, index) => {
    const { x, y, w, h } = panel.gridPos;
    const isInside = x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24;
    const others = all.slice(index + 1).filter((other) => overlap(panel.gridPos, other.gridPos));
    return [
      ...(isInside ? [] : [`${panel.title} is off the grid`]),
      ...others.map(({ title }) => `${panel.title}, ${title}`),
    ];
  });
}

describe('the dashboard', () => {
  test('has its panels side by side on a grid of 24 columns, with every id once', () => {
    assert.deepEqual(clashesOf(dashboard.panels), []);
    for (const { collapsed, panels: inside = [] } of dashboard.panels) {
      if (collapsed === true) assert.deepEqual(clashesOf(inside), []);
    }
    const ids = [...dashboard.panels, ...dashboard.panels.flatMap((row) => row.panels ?? [])].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('goes on below what is open, and directly below a row that is folded away', () => {
    const one = (width: number) => series('p', 'd', [], { unit: 'none', width });
    const row = (isCollapsed: boolean) => ({ title: 'r', isCollapsed, panels: [one(12), one(12), one(8)] });
    const places = (layOut([row(true), row(false), row(false)]) as DashboardPanel[]).map(({ gridPos }) => gridPos.y);
    assert.deepEqual(places, [0, 1, 2, 2, 10, 18, 19, 19, 27]);
  });

  test('says of every panel what it shows, in a unit that Grafana knows, from the data source that is chosen', () => {
    const units = new Set(['none', 'short', 's', 'bytes', 'percentunit', 'mps', 'ops', 'reqps']);
    for (const { title, description = '', fieldConfig, datasource, targets = [] } of panels) {
      assert.match(description, /^[A-Z0-9].{15,}\.$/s, title);
      assert.ok(units.has(fieldConfig?.defaults.unit ?? ''), title);
      assert.ok(targets.length > 0, title);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) {
        assert.equal(source?.uid, '$datasource', title);
      }
    }
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  });

  test('asks of the nodes that are chosen, and of them only, for metrics that there are', async () => {
    const known = await knownMetrics();
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expr of exprs) {
      const metrics = metricsIn(expr);
      assert.ok(metrics.length > 0, expr);
      assert.deepEqual(
        metrics.filter((name) => !known.has(name)),
        [],
        expr,
      );
      const chosen = expr.split('{job=~"$job",instance=~"$node"').length - 1;
      assert.equal(chosen, metrics.length, expr);
    }
    const variables = dashboard.templating.list.filter(({ type }) => type === 'query');
    assert.deepEqual(
      variables.map(({ name, multi }) => [name, multi]),
      [
        ['job', true],
        ['node', true],
        ['system', true],
      ],
    );
  });
});

describe('the alerts', () => {
  test('ask for metrics that there are, and say how bad it is, what is the matter, and where to read on', async () => {
    const known = await knownMetrics();
    for (const { alert, expr, labels, annotations } of rules) {
      assert.deepEqual(
        metricsIn(expr).filter((name) => !known.has(name)),
        [],
        alert,
      );
      assert.ok(['critical', 'warning', 'info'].includes(labels.severity), alert);
      assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook'], alert);
      assert.equal(annotations['runbook'], 'docs/operations.md#alerts');
    }
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  });

  test('are seen firing and not firing, each of them, in the file that promtool runs', () => {
    interface Case {
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }
    const cases: Case[] = yaml('yunque-alerts.test.yml').tests.flatMap(
      (one: { alert_rule_test: Case[] }) => one.alert_rule_test,
    );
    for (const { alert } of rules) {
      const counts = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length);
      assert.deepEqual(counts, [0, 1], alert);
    }
    assert.equal(cases.length, 2 * rules.length);
  });

  test('each have a line in the operations page, with their severity, in the order of the file', () => {
    const page = readFileSync(join(configs, '../docs/operations.md'), 'utf8');
    const lines = [...page.matchAll(/^\| `(Yunque\w+)` \| (\w+) \|/gm)].map(([, name, severity]) => [name, severity]);
    assert.deepEqual(
      lines,
      rules.map(({ alert, labels }) => [alert, labels.severity]),
    );
  });
});
