import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../tool.ts';
import { freePort } from './free-port.ts';
import { innerScope, type Scope } from './scope.ts';
import { type Service, startProcess } from './service.ts';

/** What an instant or a range query found. A value is a number as text, or `NaN`. */
export interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly values?: readonly (readonly [time: number, value: string])[];
}

export interface PrometheusRule {
  readonly name: string;
  readonly state: 'inactive' | 'pending' | 'firing';
  readonly health: string;
  readonly lastError?: string;
}

export interface PrometheusTarget {
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** Why it is down. */
  readonly lastError: string;
}

export interface Prometheus extends Service {
  /** Rejects with what Prometheus says of a question it does not understand. */
  query(expr: string): Promise<readonly PrometheusSeries[]>;
  /** Over the last `seconds`, a value each second. */
  queryRange(expr: string, seconds: number): Promise<readonly PrometheusSeries[]>;
  /** The label sets of the series that fit. */
  series(match: string): Promise<readonly Readonly<Record<string, string>>[]>;
  rules(): Promise<readonly PrometheusRule[]>;
  targets(): Promise<readonly PrometheusTarget[]>;
}

/** A real Prometheus with this configuration; paths in it are seen from `/`. */
export async function startPrometheus(outer: Scope, config: string): Promise<Prometheus> {
  const scope = innerScope(outer);
  const program = await requireTool('prometheus', 'prometheus');
  const [folder, port] = [await mkdtemp(join(tmpdir(), 'yunque-prometheus-')), await freePort()];
  scope.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [file, data, url] = [join(folder, 'prometheus.yml'), join(folder, 'data'), `http://127.0.0.1:${port}`];
  await writeFile(file, config);
  const running = await startProcess(scope, {
    name: 'Prometheus',
    program,
    args: [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
    data,
    prepare: async () => void (await mkdir(data, { recursive: true })),
    ready: () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  const ask = async <T>(path: string, fields: Readonly<Record<string, string>>): Promise<T> => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(fields)}`);
    const { status, data: found, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${error}: ${JSON.stringify(fields)}`);
    return found;
  };
  return {
    ...{ host: '127.0.0.1', port, url },
    ...running,
    query: async (query) => (await ask<{ result: PrometheusSeries[] }>('query', { query })).result,
    async queryRange(query, seconds) {
      const end = Date.now() / 1000;
      const range = { start: String(end - seconds), end: String(end), step: '1' };
      return (await ask<{ result: PrometheusSeries[] }>('query_range', { query, ...range })).result;
    },
    series: (match) => ask('series', { 'match[]': match }),
    targets: async () => (await ask<{ activeTargets: PrometheusTarget[] }>('targets', {})).activeTargets,
    rules: async () =>
      (await ask<{ groups: { rules: PrometheusRule[] }[] }>('rules', {})).groups.flatMap(({ rules }) => rules),
  };
}
