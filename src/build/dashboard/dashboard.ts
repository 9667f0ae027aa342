import { clusterRow } from './cluster-row.ts';
import { connectionsRow, queuesRow } from './connection-rows.ts';
import { layOut } from './layout.ts';
import { overviewRow } from './overview-row.ts';
import { datasource } from './panel-json.ts';
import { processRow } from './process-row.ts';
import { doorsRow, sinksRow } from './queue-rows.ts';

/** A dashboard for Grafana: the text of `configs/grafana/yunque.json`. */
export function dashboardText(): string {
  return `${JSON.stringify(dashboard(), undefined, 2)}\n`;
}

function dashboard(): object {
  return {
    uid: 'yunque',
    title: 'yunque',
    description: 'Nodes of yunque: what is connected, what goes in and out, what waits, and what is the matter.',
    tags: ['yunque', 'websocket'],
    ...{ schemaVersion: 41, version: 1, editable: true, graphTooltip: 1, fiscalYearStartMonth: 0, weekStart: '' },
    ...{ liveNow: false, preload: false, refresh: '10s', timezone: 'browser', time: { from: 'now-1h', to: 'now' } },
    timepicker: {},
    links: [],
    annotations: { list: [starts] },
    templating: {
      list: [
        sources,
        variable('job', 'Job', 'label_values(yunque_build_info, job)'),
        variable('node', 'Node', 'label_values(yunque_build_info{job=~"$job"}, instance)'),
        variable('system', 'System', 'label_values(yunque_connections{job=~"$job",instance=~"$node"}, system)'),
      ],
    },
    panels: layOut([overviewRow, connectionsRow, queuesRow, clusterRow, doorsRow, sinksRow, processRow]),
  };
}

const sources = {
  ...{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', regex: '' },
  ...{ hide: 0, includeAll: false, multi: false, options: [], current: {}, refresh: 1, skipUrlSync: false },
};

/** Several or all of its values may be chosen. */
function variable(name: string, label: string, query: string): object {
  return {
    ...{ name, label, type: 'query', datasource, definition: query, query: { qryType: 1, query, refId: name } },
    ...{ multi: true, includeAll: true, allValue: '.*', current: { text: ['All'], value: ['$__all'] } },
    ...{ hide: 0, refresh: 2, sort: 1, regex: '', options: [], skipUrlSync: false },
  };
}

const starts = {
  ...{ name: 'Starts', enable: true, hide: false, iconColor: 'blue', datasource },
  expr: 'changes(process_start_time_seconds{job=~"$job",instance=~"$node"}[$__interval]) > 0',
  ...{ titleFormat: 'started', textFormat: '{{instance}} {{node}}', step: '30s' },
};
