import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorFolder } from './vectors.ts';

/** Versions of what nodes say to each other that are recorded. */
export const recordedVersions = [1, 2] as const;
export type RecordedVersion = (typeof recordedVersions)[number];

/** Bytes of one of them. */
export interface ClusterVector {
  readonly name: string;
  readonly way: 'tell' | 'ask' | 'answer' | 'frames';
  /** What a reader makes of it, as JSON: `asJson` of the same. */
  readonly reads: unknown;
  readonly lines: readonly Buffer[];
}

/** All of `test/vectors/cluster-vVERSION`, by name. */
export function clusterVectors(version: RecordedVersion): ClusterVector[] {
  const folder = join(vectorFolder, `cluster-v${version}`);
  const files = readdirSync(folder).filter((file) => file.endsWith('.hex'));
  return files.toSorted().map((file): ClusterVector => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    const comment = (start: string) => lines.find((line) => line.startsWith(start))?.slice(start.length) ?? '';
    return {
      name: file.slice(0, -'.hex'.length),
      way: comment('# ').split(':')[0] as ClusterVector['way'],
      reads: JSON.parse(comment('# reads: ')),
      lines: lines.filter((line) => !line.startsWith('#')).map((line) => Buffer.from(line, 'hex')),
    };
  });
}

/** A value as the files have it: a bigint as text, a map as its pairs, bytes as base64. */
export function asJson(value: unknown): unknown {
  // A Buffer has made itself JSON before the function gets it.
  function plain(this: Record<string, unknown>, name: string, each: unknown): unknown {
    const raw = this[name];
    if (typeof raw === 'bigint') return String(raw);
    if (raw instanceof Map) return [...raw];
    return raw instanceof Uint8Array ? Buffer.from(raw).toString('base64') : each;
  }
  return JSON.parse(JSON.stringify(value, plain));
}
