import { collectDefaultMetrics, type Registry } from 'prom-client';

/**
 * prom-client measures the delay of the event loop with a timer of its own, a hundred times a second by default, which is a quarter of what an
 * idle node costs; and its figures contain the timer's period. Ours (`createLoopLag`) do not, and are `yunque_event_loop_lag_seconds`.
 */
const rarelyMs = 3_600_000;
const measuredByUs = /^nodejs_eventloop_lag_(min|max|mean|stddev|p\d+)_seconds$/;

/** What prom-client knows of any process of Node, but for what is measured here already. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: rarelyMs });
  for (const { name } of registry.getMetricsAsArray()) {
    if (measuredByUs.test(name)) registry.removeSingleMetric(name);
  }
}
