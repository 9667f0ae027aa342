/** What a panel is made of; its place on the grid is found by `layOut`. */
export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly title: string;
  /** What it says, and what to look for. */
  readonly description: string;
  /** Of 24. */
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  readonly unit: string;
  readonly decimals?: number;
  /** Colours from these values on. */
  readonly thresholds?: readonly Threshold[];
  /** Below the first of them; green unless said otherwise. */
  readonly below?: Color;
  /** Shown where there is nothing. */
  readonly noValue?: string;
  /** Words and colours in place of values. */
  readonly words?: Readonly<Record<string, readonly [text: string, color: Color]>>;
  /** A time series: areas on top of one another. */
  readonly isStacked?: boolean;
  /** A time series: the end of its axis, where that is known. */
  readonly max?: number;
}

export interface Query {
  readonly expr: string;
  /** `{{label}}` stands for a label's value. */
  readonly legend: string;
}

export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text';
export type Threshold = readonly [from: number, color: Color];

export interface Row {
  readonly title: string;
  /** Seen only when it is opened: not every node has doors, or others. */
  readonly isCollapsed: boolean;
  readonly panels: readonly Panel[];
}

const chosen = 'job=~"$job",instance=~"$node"';

/** A metric of the nodes that are chosen above the panels. */
export function of(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${[chosen, ...matchers].join(',')}}`;
}

/** Its growth a second. */
export function rate(metric: string, ...matchers: readonly string[]): string {
  return `rate(${of(metric, ...matchers)}[$__rate_interval])`;
}

/** That of each node; of several workers behind one address each is one. */
export const byNode = 'sum by (instance, node)';
export const nodeLegend = '{{instance}} {{node}}';

/** A quantile of a histogram over the nodes that are chosen, in seconds. */
export function quantile(share: number, metric: string): string {
  return `histogram_quantile(${share}, sum by (le) (${rate(`${metric}_bucket`)}))`;
}

type Rest = Omit<Panel, 'type' | 'title' | 'description' | 'queries' | 'width' | 'height'>;

/** One figure with its recent course, a sixth of the width. */
export function stat(title: string, description: string, expr: string, rest: Rest): Panel {
  return { type: 'stat', title, description, width: 4, height: 4, queries: [{ expr, legend: '' }], ...rest };
}

/** A third of the width, unless said otherwise. */
export function series(
  title: string,
  description: string,
  queries: readonly Query[],
  rest: Rest & { readonly width?: number },
): Panel {
  return { type: 'timeseries', title, description, width: 8, height: 8, queries, ...rest };
}

/** The labels of what is there now. */
export function table(title: string, description: string, query: Query, width: number): Panel {
  return { type: 'table', title, description, width, height: 8, queries: [query], unit: 'none' };
}
