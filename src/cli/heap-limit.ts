import { spawn } from 'node:child_process';
import { isSea } from 'node:sea';

const mib = 2 ** 20;

/** This process, or a test's. */
export type HeapProcess = Pick<NodeJS.Process, 'argv' | 'argv0' | 'execArgv' | 'execPath' | 'env' | 'execve' | 'on'>;

/** V8's word for it: `--max-heap-size` in MiB, which is what `heap_size_limit` then says, in bytes. */
function heapWord(maxHeapBytes: number): string {
  return `--max-heap-size=${Math.floor(maxHeapBytes / mib)}`;
}

export function runsWithHeap(maxHeapBytes: number, { execArgv } = process): boolean {
  return execArgv.includes(heapWord(maxHeapBytes));
}

/** What stands between the program's file and the words of the command line: nothing, in a binary that needs no limit. */
export function programArgs(
  maxHeapBytes: number | undefined,
  from: Pick<HeapProcess, 'argv' | 'execArgv'> = process,
  isBinary = isSea(),
): string[] {
  const script = from.argv[1];
  const words = maxHeapBytes === undefined ? [] : [heapWord(maxHeapBytes)];
  if (isBinary || script === undefined) return words.map((word) => `--node-options=${word}`);
  return [...from.execArgv.filter((word) => !word.startsWith('--max-heap-size')), ...words, script];
}

/**
 * V8 takes the limit of its heap only at the start of a process, so this one becomes another of the same program, with the same
 * process id. Does not return, except on Windows, where a process cannot become another: there it starts one, waits for it
 * and answers its exit code.
 */
export async function startWithHeap(
  maxHeapBytes: number,
  words: readonly string[],
  own: HeapProcess = process,
): Promise<number> {
  const args = [...programArgs(maxHeapBytes, own), ...words];
  if (own.execve !== undefined && process.platform !== 'win32') own.execve(own.execPath, [own.argv0, ...args], own.env);
  return await new Promise((resolve, reject) => {
    const child = spawn(own.execPath, args, { stdio: 'inherit', windowsHide: true });
    // Ctrl-C reaches both: it is the node's to drain.
    for (const signal of ['SIGINT', 'SIGBREAK'] as const) own.on(signal, () => {});
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
