import { Counter, Gauge, type Registry } from 'prom-client';
import type { ClusterFigures } from '../api/stats.ts';

/** What engines hold now; everything else of their figures only grows. */
const heldNow = new Set(['unconfirmed', 'unconfirmed_bytes', 'inbox_bytes', 'lag']);

/** A node's part in its cluster, for Prometheus. Nothing of it is shown by a node that is alone. */
export function createClusterMetrics(registry: Registry): (figures: ClusterFigures) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const links = gauge('yunque_cluster_links', 'Other nodes this one is linked with.');
  const members = gauge('yunque_cluster_nodes', 'Nodes that are alive, this one included.');
  const died = new Counter({
    name: 'yunque_cluster_nodes_down_total',
    help: 'Nodes whose lease ended without a word.',
    registers: [registry],
  });
  const redis = gauge('yunque_redis_up', '1 while Redis answers this node.');
  const bus = gauge('yunque_bus_up', '1 while what this node broadcasts comes round the engine to it.', ['engine']);
  const beat = gauge('yunque_bus_beat_seconds', 'How long the last beat round the engine was under way.', ['engine']);
  const held = gauge('yunque_bus_held', 'What the engine holds now, by what it is.', ['engine', 'what']);
  const counted = new Counter({
    name: 'yunque_bus_events_total',
    help: 'What happened to broadcasts, by what it was.',
    labelNames: ['engine', 'what'],
    registers: [registry],
  });
  return (figures) => {
    const { engine, up, beatMs } = figures.bus;
    links.set(figures.links.length);
    members.set(figures.members);
    died.reset();
    died.inc(figures.died);
    redis.set(figures.redis.up ? 1 : 0);
    bus.set({ engine }, up ? 1 : 0);
    beat.set({ engine }, beatMs === undefined ? Number.NaN : beatMs / 1000);
    counted.reset();
    held.reset();
    for (const [what, value] of Object.entries(figures.bus.figures)) {
      if (heldNow.has(what)) held.set({ engine, what }, value);
      else counted.inc({ engine, what }, value);
    }
  };
}
