import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: GridPos;
  readonly collapsed?: boolean;
  readonly panels?: readonly DashboardPanel[];
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly { readonly expr: string; readonly refId: string; readonly datasource: { uid: string } }[];
}

export interface DashboardVariable {
  readonly name: string;
  readonly type: string;
  readonly multi: boolean;
  readonly definition?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly DashboardPanel[];
  readonly templating: { readonly list: readonly DashboardVariable[] };
}

export const configs = join(import.meta.dirname, '../../configs');

/** As Grafana would read it. */
export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(configs, 'grafana/yunque.json'), 'utf8')) as Dashboard;
}

/** All that show something, those that are folded away too. */
export function panelsOf({ panels }: Dashboard): readonly DashboardPanel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}
