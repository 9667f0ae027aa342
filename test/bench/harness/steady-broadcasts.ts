import { setTimeout as delay } from 'node:timers/promises';

/** Messages to everybody at a steady pace, from a backend's POSTs to one node, until it is disposed of. */
export interface SteadyBroadcasts extends AsyncDisposable {
  readonly sent: number;
}

const text = 'x'.repeat(128);

export async function broadcast(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/send_to_system`, {
    method: 'POST',
    headers: { SystemId: 'default', 'Content-Type': 'application/json' },
    body: JSON.stringify({ sendUserId: 'bench', code: 0, msg: 'bench', data: text }),
  });
  if (!response.ok) throw new Error(`a broadcast was answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

export function broadcastSteadily(port: number, perSecond: number): SteadyBroadcasts {
  const over = new AbortController();
  let sent = 0;
  const work = async (): Promise<void> => {
    const startedAt = performance.now();
    for (;;) {
      const dueMs = startedAt + (sent * 1000) / perSecond - performance.now();
      if (dueMs > 0) await delay(dueMs, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      await broadcast(port);
      sent += 1;
    }
  };
  const working = work();
  // Told when it ends.
  working.catch(() => {});
  return {
    get sent() {
      return sent;
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await working;
    },
  };
}
