import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { MetricJson } from './histogram.ts';

/** One node's samples, labelled with it; undefined: it did not answer. */
export type NodeMetrics = readonly MetricJson[] | undefined;

/** Prometheus text of several nodes, with which of them answered and how often each was started again. */
export async function mergeMetrics(
  nodes: readonly { readonly node: string; readonly restarts: number; readonly metrics: NodeMetrics }[],
): Promise<string> {
  const own = new Registry();
  const up = new Gauge({
    name: 'yunque_worker_up',
    help: '1 where the worker answers, 0 where it does not.',
    labelNames: ['node'],
    registers: [own],
  });
  const restarts = new Gauge({
    name: 'yunque_worker_restarts',
    help: 'Times the worker was started again.',
    labelNames: ['node'],
    registers: [own],
  });
  for (const { node, restarts: times, metrics } of nodes) {
    up.set({ node }, metrics === undefined ? 0 : 1);
    restarts.set({ node }, times);
  }
  const answered = nodes.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics.map(inCommon)]));
  const merged = AggregatorRegistry.aggregate(answered as unknown as object[]);
  return (await own.metrics()) + (await merged.metrics());
}

/** All have the same systems: one sample, of no node. */
function inCommon(metric: MetricJson): MetricJson {
  if (metric.name !== 'yunque_systems') return metric;
  const values = metric.values.map(({ labels: { node: _, ...labels }, ...value }) => ({ ...value, labels }));
  return { ...metric, aggregator: 'max', values };
}
