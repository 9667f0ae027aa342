import type { Kind } from '../kind.ts';

/** One setting: what it takes, what it is when nobody says, and what it means. */
export interface Setting<V = unknown> {
  readonly kind: Kind<V>;
  /** In the spelling of a YAML file. Absent: the setting may be unset, and `unset` says what happens then. */
  readonly default?: unknown;
  readonly unset?: { readonly en: string; readonly zh: string };
  /** For the file that shows every setting, where there is no default to show. */
  readonly example?: unknown;
  readonly secret?: true;
  /** A section whose name, given a plain value, says this setting: `cluster: true` is `cluster.enabled: true`. */
  readonly shorthand?: string;
  /** A running node takes it from `yunque reload`, with `where set` only from one value to another; else it needs a restart. */
  readonly reload?: true | 'where set';
  readonly en: string;
  readonly zh: string;
}

/** Of durations that are not for ever. */
export const noLongerThan = { max: '1d' } as const;
