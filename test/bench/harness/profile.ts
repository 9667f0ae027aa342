import { mkdir, writeFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench } from './row.ts';
import type { NodeServer } from './server.ts';

/** Where a server's time went: a function, what it took by itself and with all it called, as shares of the busy time. */
export interface ProfileNode {
  readonly name: string;
  /** `src/registry/fanout.ts:20`; empty for what is in V8 or Node's own C++. */
  readonly place: string;
  readonly self: number;
  readonly total: number;
  readonly children: readonly ProfileNode[];
}

/** Less than this share of the time is not worth a line. */
const smallestShare = 0.004;
const root = pathToFileURL(join(import.meta.dirname, '../../..')).href;

/** One further run of a row, with the profiler on: figures are never taken from it. */
export async function profileOf(
  bench: Bench,
  id: string,
  server: Pick<NodeServer, 'profile'>,
  work: () => Promise<unknown>,
): Promise<ProfileNode> {
  bench.progress('a run with the profiler');
  const profile = await server.profile(work);
  if (bench.profileDirectory !== undefined) {
    await mkdir(bench.profileDirectory, { recursive: true });
    await writeFile(join(bench.profileDirectory, `${id.toLowerCase()}.cpuprofile`), JSON.stringify(profile));
  }
  return readProfile(profile);
}

/** The tree of calls, without the time that nothing was to do, and without the profiler's own. */
export function readProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ProfileNode {
  const micros = new Map<number, number>();
  for (const [at, id] of samples.entries()) micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const read = ({ id, callFrame, children = [] }: Profiler.ProfileNode): ProfileNode => {
    const meant = children.flatMap((child) => byId.get(child) ?? []).filter((child) => !isIgnored(child.callFrame));
    const own = meant.map(read);
    const self = micros.get(id) ?? 0;
    const total = own.reduce((sum, child) => sum + child.total, self);
    return { name: callFrame.functionName || '(anonymous)', place: placeOf(callFrame), self, total, children: own };
  };
  const [top] = nodes;
  const tree = top && read(top);
  if (tree === undefined || tree.total === 0) throw new Error('the profile is empty');
  return inShares(tree, tree.total);
}

function inShares({ name, place, self, total, children }: ProfileNode, busy: number): ProfileNode {
  const kept = children.filter((child) => child.total / busy >= smallestShare).sort((a, b) => b.total - a.total);
  const shares = kept.map((child) => inShares(child, busy));
  return { name, place, self: rounded(self / busy), total: rounded(total / busy), children: shares };
}

function isIgnored({ functionName, url }: { functionName: string; url: string }): boolean {
  return functionName === '(idle)' || url.startsWith('node:inspector');
}

function placeOf({ url, lineNumber }: { url: string; lineNumber: number }): string {
  if (url === '') return '';
  return `${url.replace(`${root}/`, '')}:${lineNumber + 1}`;
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

export interface Hot {
  readonly name: string;
  readonly place: string;
  readonly self: number;
}

/** The functions that took most by themselves, wherever they were called from. */
export function hottest(profile: ProfileNode, count: number): Hot[] {
  const sums = new Map<string, { name: string; place: string; self: number }>();
  const visit = ({ name, place, self, children }: ProfileNode) => {
    const key = `${name} ${place}`;
    const sum = sums.get(key) ?? { name, place, self: 0 };
    sum.self += self;
    sums.set(key, sum);
    for (const child of children) visit(child);
  };
  visit(profile);
  return [...sums.values()].sort((a, b) => b.self - a.self).slice(0, count);
}
