import type { Assertion } from '../../load/assertions.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatExact } from '../../util/figures.ts';
import { checkCodes, type Outcome } from './outcome.ts';
import { type FigureName, figureUnits, symbols, type Threshold } from './thresholds.ts';

const names = Object.keys(figureUnits) as readonly FigureName[];

/** One line: `YUNQUE OK - what there is | figures`. Guidelines: https://www.monitoring-plugins.org/doc/guidelines.html */
export function nagiosLine(outcome: Outcome): string {
  const { status, problems } = outcome;
  const words = [...problems.map(({ text }) => text), summaryOf(outcome)].filter((text) => text !== '');
  const figures = perfdata(outcome);
  // A bar ends the words, a line end the answer; nothing of it is for a terminal to obey.
  const said = sanitizeLine(words.join(', ')).replaceAll('|', '/').replaceAll(/\s+/g, ' ');
  return `YUNQUE ${status.toUpperCase()} - ${said}${figures === '' ? '' : ` | ${figures}`}`;
}

/** What there is, in words; empty where nothing answered. */
export function summaryOf({ figures: { nodes, missing = 0, connections, probe } }: Outcome): string {
  if (nodes === undefined || connections === undefined) return '';
  return [
    `${nodes} of ${nodes + missing} nodes`,
    `${formatExact(connections)} connections`,
    ...(probe === undefined ? [] : [`probe ${probe} ms`]),
  ].join(', ');
}

function perfdata({ figures, droppedTotal, thresholds }: Outcome): string {
  const parts = names.flatMap((name) => {
    const figure = figures[name];
    if (figure === undefined) return [];
    const [warn, critical] = [rangeOf(thresholds.warn, name), rangeOf(thresholds.critical, name)];
    return [`${name}=${figure}${symbols[figureUnits[name]]};${warn};${critical};0`.replace(/;;;0$/, ';;;0')];
  });
  if (droppedTotal !== undefined) parts.push(`dropped=${droppedTotal}c;;;0`);
  return parts.join(' ');
}

/** What must hold as the range whose outside is an alert. */
function rangeOf(thresholds: readonly Threshold[], name: FigureName): string {
  const found = thresholds.find((each) => each.name === name);
  return found === undefined ? '' : ranges[found.operator](found.value);
}

const ranges: Readonly<Record<Assertion['operator'], (value: number) => string>> = {
  '<': (value) => String(value),
  '<=': (value) => String(value),
  '>': (value) => `${value}:`,
  '>=': (value) => `${value}:`,
  '=': (value) => `${value}:${value}`,
  '!=': (value) => `@${value}:${value}`,
};

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly scale?: number;
}

const metrics: Readonly<Record<FigureName, Metric>> = {
  probe: { name: 'probe_seconds', help: 'From the push through the admin API until the client had it.', scale: 0.001 },
  connect: { name: 'connect_seconds', help: 'Until the client of the probe could receive.', scale: 0.001 },
  lag: { name: 'event_loop_lag_seconds', help: 'p99 of the node that is worst.', scale: 0.001 },
  connections: { name: 'connections', help: 'Over all nodes that answered.' },
  nodes: { name: 'nodes', help: 'Nodes that answered.' },
  missing: { name: 'missing_nodes', help: 'Nodes that did not answer.' },
  drops: { name: 'drops_per_second', help: 'Deliveries that were dropped while this looked.' },
  slow: { name: 'slow_clients', help: 'Clients with bytes that wait in the node.' },
  heap: { name: 'heap_used_ratio', help: 'Of the heap limit, of the node that is worst.', scale: 0.01 },
};

/** Gauges for the textfile collector of node_exporter. */
export function prometheusText(outcome: Outcome): string {
  const gauge = (name: string, help: string, value: number) =>
    `# HELP yunque_check_${name} ${help}\n# TYPE yunque_check_${name} gauge\nyunque_check_${name} ${value}\n`;
  const lines = names.flatMap((name) => {
    const figure = outcome.figures[name];
    const { name: metric, help, scale = 1 } = metrics[name];
    return figure === undefined ? [] : [gauge(metric, help, Number((figure * scale).toPrecision(12)))];
  });
  return [
    gauge('status', '0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.', checkCodes[outcome.status]),
    gauge('timestamp_seconds', 'When this looked.', outcome.time / 1000),
    ...lines,
  ].join('');
}

/** `yunque.check/1`. */
export function checkJson({ status, problems, figures, droppedTotal, time }: Outcome): object {
  return { status, code: checkCodes[status], time, figures, droppedTotal, problems };
}
