import type { Panel } from './panel.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The one that is chosen above the panels. */
export const datasource = { type: 'prometheus', uid: '$datasource' } as const;

/** A panel in Grafana's own words. */
export function panelJson(panel: Panel, id: number, place: Place): object {
  const { type, title, description } = panel;
  return {
    ...{ id, type, title, description, datasource, gridPos: place },
    fieldConfig: { defaults: defaultsOf(panel), overrides: [] },
    options: optionsOf(panel),
    targets: targetsOf(panel),
    ...(type === 'table' && { transformations }),
  };
}

/** The heading of panels; those inside it are the ones that are folded away. */
export function rowJson(
  title: string,
  id: number,
  place: Place,
  collapsed: boolean,
  panels: readonly object[],
): object {
  return { id, type: 'row', title, collapsed, gridPos: place, panels };
}

function targetsOf({ queries, type }: Panel): readonly object[] {
  return queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    ...{ datasource, editorMode: 'code', expr, legendFormat: legend },
    ...(type === 'table' ? { format: 'table', instant: true, range: false } : { instant: false, range: true }),
  }));
}

function defaultsOf(panel: Panel): object {
  const { type, unit, decimals, thresholds = [], below = 'green', noValue, words, isStacked = false, max } = panel;
  const steps = [{ color: below, value: null }, ...thresholds.map(([value, color]) => ({ color, value }))];
  return {
    unit,
    ...(decimals !== undefined && { decimals }),
    ...(noValue !== undefined && { noValue }),
    ...(type === 'timeseries' && { min: 0 }),
    ...(max !== undefined && { max }),
    color: { mode: type === 'stat' ? 'thresholds' : 'palette-classic' },
    thresholds: { mode: 'absolute', steps },
    ...(words && { mappings: mappingsOf(words) }),
    ...(type === 'timeseries' && { custom: lineOf(isStacked, thresholds.length > 0) }),
  };
}

function mappingsOf(words: NonNullable<Panel['words']>): readonly object[] {
  const options = Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]);
  return [{ type: 'value', options: Object.fromEntries(options) }];
}

/** A gap in what was scraped is a gap on the screen. */
function lineOf(isStacked: boolean, hasThresholds: boolean): object {
  return {
    ...{ drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: isStacked ? 30 : 8 },
    ...{ showPoints: 'never', spanNulls: false },
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: hasThresholds ? 'dashed' : 'off' },
  };
}

function optionsOf({ type, queries, words }: Panel): object {
  if (type === 'timeseries') {
    return {
      legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  if (type === 'table') return { showHeader: true, cellHeight: 'sm' };
  return {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    ...{ colorMode: 'value', textMode: queries.length > 1 ? 'value_and_name' : 'value' },
    graphMode: words === undefined ? 'area' : 'none',
    ...{ justifyMode: 'auto', orientation: 'auto' },
  };
}

/** Of a table the labels, and neither the time nor the value. */
const transformations = [
  { id: 'organize', options: { excludeByName: { Time: true, Value: true }, indexByName: {}, renameByName: {} } },
];
