import type { Problem } from './config-error.ts';
import { sectionNames, settingKeys } from './keys.ts';
import type { Path } from './kind.ts';
import { nearest, suggestion } from './nearest.ts';

/** The layers, weakest first. */
export const layers = ['default', 'file', 'overlay', 'environment', 'flag'] as const;
export type Layer = (typeof layers)[number];

/** Where a value came from. `label`: `configs/config.yaml:12`, `YUNQUE_PORT`, `--set port`, `default`. */
export interface Origin {
  readonly layer: Layer;
  readonly label: string;
  /** Of the key, where the layer is a file. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** A place in a file, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One setting as one layer gives it, not yet checked. */
export interface Given {
  /** A known key. */
  readonly key: string;
  readonly raw: unknown;
  readonly origin: Origin;
  /** In a file: where a part of the value stands. */
  readonly positionOf?: (path: Path) => Position;
}

/** What a layer gives, and what is wrong with it. */
export interface LayerContent {
  readonly given: readonly Given[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** `configs/config.yaml:12:3: …` */
export function problemAt(file: string, { line, column }: Position, message: string, key?: string): Problem {
  return { text: `${file}:${line}:${column}: ${message}`, file, line, column, ...(key === undefined ? {} : { key }) };
}

/** What is wrong with a setting, said where it was given: `configs/config.yaml:12:3: port: …`, `YUNQUE_PORT: …`. */
export function problemWith(key: string, origin: Origin, message: string, part = ''): Problem {
  const { file, line = 1, column = 1, label } = origin;
  if (file !== undefined) return problemAt(file, { line, column }, `${key}${part}: ${message}`, key);
  return { text: `${label}: ${part === '' ? '' : `${key}${part}: `}${message}`, key };
}

/** `unknown key "limits.paylod" – did you mean "limits.payload"?` */
export function unknownKey(key: string): string {
  const shown = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  return `unknown key ${JSON.stringify(shown)}${suggestion(nearest(key, [...settingKeys, ...sectionNames]))}`;
}
