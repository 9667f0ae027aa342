import { Counter, Gauge, type Registry } from 'prom-client';
import type { DoorFigures, SinkFigures } from '../api/stats.ts';

/** The queue doors of a node, for Prometheus. Nothing of it is shown by a node that has none. */
export function createDoorMetrics(registry: Registry): (doors: readonly DoorFigures[]) => void {
  const { gauge, counter, reset } = makersOf(registry);
  const up = gauge('yunque_door_up', '1 while a queue door reads, or stands by for the node that does.', ['door']);
  const lag = gauge('yunque_door_lag', 'Records that wait at the source; NaN where that is not known.', ['door']);
  const counted = [
    ['records', counter('yunque_door_records_total', 'Records taken from a queue, whatever became of them.', ['door'])],
    ['messages', counter('yunque_door_messages_total', 'Messages in them that were handed on.', ['door'])],
    ['batches', counter('yunque_door_batches_total', 'Batches of records that were handed on.', ['door'])],
    ['duplicates', counter('yunque_door_duplicates_total', 'Records that had been handed on before.', ['door'])],
    [
      'parked',
      counter('yunque_door_parked_total', 'Records that could not be used, put into the dead letters.', ['door']),
    ],
    ['retries', counter('yunque_door_retries_total', 'Batches that had to wait and come again.', ['door'])],
  ] as const;
  const events = counter('yunque_door_events_total', 'What happened at a source, by what it was.', ['door', 'what']);
  return (doors) => {
    reset();
    for (const figures of doors) {
      const { name: door, state } = figures;
      up.set({ door }, state === 'reading' || state === 'standby' ? 1 : 0);
      lag.set({ door }, figures.lag ?? Number.NaN);
      for (const [field, each] of counted) each.inc({ door }, figures[field]);
      for (const [what, count] of Object.entries(figures.figures)) events.inc({ door, what }, count);
    }
  };
}

/** The ways out of a node, for Prometheus. Nothing of it is shown by a node that has none. */
export function createSinkMetrics(registry: Registry): (sinks: readonly SinkFigures[]) => void {
  const { gauge, counter, reset } = makersOf(registry);
  const labels = ['sink', 'use'] as const;
  const up = gauge('yunque_sink_up', '1 while a way out can be sent to.', labels);
  const waiting = gauge('yunque_sink_waiting', 'Requests and events that wait for a way out.', labels);
  const counted = [
    ['sent', counter('yunque_sink_sent_total', 'Requests and events that were taken there.', labels)],
    ['failed', counter('yunque_sink_failed_total', 'Attempts to send that failed.', labels)],
    ['dropped', counter('yunque_sink_dropped_total', 'Requests and events that nobody could wait for.', labels)],
  ] as const;
  return (sinks) => {
    reset();
    for (const figures of sinks) {
      const { name: sink, use, state } = figures;
      up.set({ sink, use }, state === 'ready' ? 1 : 0);
      waiting.set({ sink, use }, figures.waiting);
      for (const [field, each] of counted) each.inc({ sink, use }, figures[field]);
    }
  };
}

/** Each counting shows what there is then, and nothing of an earlier one. */
function makersOf(registry: Registry) {
  const made: (Gauge | Counter)[] = [];
  const keep = <M extends Gauge | Counter>(metric: M): M => {
    made.push(metric);
    return metric;
  };
  return {
    gauge: (name: string, help: string, labelNames: readonly string[]) =>
      keep(new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })),
    counter: (name: string, help: string, labelNames: readonly string[]) =>
      keep(new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })),
    reset: () => {
      for (const metric of made) metric.reset();
    },
  };
}
