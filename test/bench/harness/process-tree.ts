import { readFile } from 'node:fs/promises';

/** Of `getconf CLK_TCK`: the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Milliseconds of processor that a process and its descendants have used, those that have ended and were waited for included. Linux. */
export async function treeCpuMs(pid: number): Promise<number> {
  let ticks = 0;
  for (const each of await treeOf(pid)) {
    // The name in parentheses may hold anything; utime, stime, cutime and cstime are fields 14 to 17.
    const fields = (await readFile(`/proc/${each}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return (ticks * 1000) / ticksPerSecond;
}

/** The processes it started, oldest first. Linux. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

async function treeOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [pid, ...(await Promise.all(children.map(treeOf))).flat()];
}
