import type { ChildProcess } from 'node:child_process';

/** What a node in the background tells the command that started it, over Node's own channel between processes. */
export interface Serving {
  readonly node: string;
  readonly port: number;
  readonly dataDirectory: string;
}

/** Of no effect where nobody started it that way. */
export function tellStarter(serving: Serving): void {
  // The starter may have gone meanwhile: the node stays.
  process.send?.({ serving }, undefined, undefined, () => {});
}

/** The node's word, or how it ended before. Rejects where the program cannot be started. */
export function hearNode(child: ChildProcess): Promise<Serving | { readonly code: number | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code }));
    child.on('message', (message: { readonly serving?: Serving }) => {
      if (message.serving !== undefined) resolve(message.serving);
    });
  });
}
