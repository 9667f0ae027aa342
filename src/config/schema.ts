import type { Kind } from './kind.ts';
import { accessSettings } from './settings/access.ts';
import { clientsSettings } from './settings/clients.ts';
import { clusterSettings } from './settings/cluster.ts';
import { doorsSettings } from './settings/doors.ts';
import { limitsSettings } from './settings/limits.ts';
import { nodeSettings } from './settings/node.ts';
import { runningSettings } from './settings/running.ts';

/**
 * Every setting, in the order of the documentation. A key is what a file, `--set` and (in capitals) the environment call
 * it. In `Config` the dots are nesting, a duration's field ends in `Ms` and a size's in `Bytes`, and both are numbers:
 * `heartbeat.json.pingInterval: 25s` is `config.heartbeat.json.pingIntervalMs === 25000`.
 */
export const settings = {
  ...nodeSettings,
  ...accessSettings,
  ...clientsSettings,
  ...limitsSettings,
  ...runningSettings,
  ...doorsSettings,
  ...clusterSettings,
} as const;

export type Settings = typeof settings;
export type SettingKey = keyof Settings;

type ValueOf<S> = S extends { readonly kind: Kind<infer V> }
  ? S extends { readonly default: unknown }
    ? V
    : V | undefined
  : never;

type FieldOf<K extends string, S> = S extends { readonly kind: { readonly unit: 'ms' } }
  ? `${K}Ms`
  : S extends { readonly kind: { readonly unit: 'bytes' } }
    ? K extends `${string}Bytes`
      ? K
      : `${K}Bytes`
    : K;

type Below<S, Head extends string> = {
  readonly [K in keyof S as K extends `${Head}.${infer Rest}` ? Rest : never]: S[K];
};

type Tree<S> = {
  readonly [K in keyof S & string as K extends `${infer Head}.${string}`
    ? Head
    : FieldOf<K, S[K]>]: K extends `${infer Head}.${string}` ? Tree<Below<S, Head>> : ValueOf<S[K]>;
};

/** The whole configuration, checked. Derived from `settings`. */
export type Config = Tree<Settings>;
