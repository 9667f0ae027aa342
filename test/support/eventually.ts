import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 8000;

/** Asks until the answer is true; for what the node learns a moment after its client, such as a closed socket. */
export async function eventually(
  what: string,
  ask: () => Promise<boolean> | boolean,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await delay(5);
  }
}
