import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 8000;

/** Asks until the answer is true; for what the node learns a moment after its client, such as a closed socket. */
export async function eventually(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await delay(5);
  }
}
