import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Measured } from './measured.ts';
import type { ProfileNode } from './profile.ts';
import type { BatchPoint, Row, RowResult } from './row.ts';
import { isMet, parseLimit, type Target } from './target.ts';

export const resultsSchema = 1;
export const resultsDirectory = join(import.meta.dirname, '../results');
export const latestFile = join(resultsDirectory, 'latest.json');

/** A file of results. Rows of `latest.json` may be of different runs, on one machine: each says its own date and commit. */
export interface Results {
  readonly schema: typeof resultsSchema;
  readonly machine: Machine;
  readonly rows: readonly RowRecord[];
}

export interface RowRecord {
  readonly id: string;
  readonly scenario: string;
  /** `2026-11-22` */
  readonly date: string;
  readonly commit: string;
  readonly mode: 'full' | 'quick';
  readonly pairs: number;
  readonly connections: number;
  readonly pinning: string;
  readonly seconds: number;
  readonly judged: readonly Judged[];
  /** Shown, but judged by nobody. */
  readonly further: readonly { readonly what: string; readonly measured: Measured }[];
  readonly notes: readonly string[];
  readonly points?: readonly BatchPoint[];
  readonly profile?: ProfileNode;
  /** Why there are no figures: nothing of it counts as met. */
  readonly failure?: string;
}

export interface Judged {
  readonly what: string;
  readonly limit: string;
  readonly measured?: Measured;
  readonly met: boolean;
}

export function judge(targets: readonly Target[], { figures }: RowResult): Judged[] {
  return targets.map(({ figure, what, limit }) => {
    const measured = figures[figure];
    if (measured === undefined) throw new Error(`the row measured no ${figure}, which its target ${limit} judges`);
    const parsed = parseLimit(limit);
    if (measured.unit !== parsed.unit) throw new Error(`${what} is in ${measured.unit}, its target is ${limit}`);
    return { what, limit, measured, met: isMet(parsed, measured.value) };
  });
}

export function furtherFigures({ targets }: Row, { figures }: RowResult): RowRecord['further'] {
  const judged = new Set(targets.map(({ figure }) => figure));
  return Object.entries(figures).flatMap(([what, measured]) => (judged.has(what) ? [] : [{ what, measured }]));
}

export function unjudged(targets: readonly Target[]): Judged[] {
  return targets.map(({ what, limit }) => ({ what, limit, met: false }));
}

export async function readResults(file: string): Promise<Results | undefined> {
  try {
    const results = JSON.parse(await readFile(file, 'utf8')) as Results;
    return results.schema === resultsSchema ? results : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Six digits of each number: more were noise. */
export async function writeResults(file: string, results: Results): Promise<void> {
  const short = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, short, 1)}\n`);
}

/** New rows in the place of older ones. Figures of another machine say nothing here: they go. */
export function mergeResults(older: Results | undefined, newer: Results): Results {
  const kept = older !== undefined && sameMachine(older.machine, newer.machine) ? older.rows : [];
  const measured = new Set(newer.rows.map(({ id }) => id));
  const rows = [...kept.filter(({ id }) => !measured.has(id)), ...newer.rows];
  return { ...newer, rows: rows.sort((a, b) => numberOf(a.id) - numberOf(b.id)) };
}

function sameMachine(one: Machine, other: Machine): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** `P10` comes after `P9`, and what has no number last. */
function numberOf(id: string): number {
  return Number(/\d+/.exec(id)?.[0] ?? Number.POSITIVE_INFINITY);
}
