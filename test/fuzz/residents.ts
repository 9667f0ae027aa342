import assert from 'node:assert/strict';
import type { TestNode } from '../support/node.ts';
import { join, type WsClient } from '../support/ws-clients.ts';
import { dialectNames } from '../support/ws-decode.ts';

export interface Residents extends AsyncDisposable {
  /** Those that were closed come back. */
  ensure(): Promise<void>;
  /** Throws where one of them got text that is not JSON. */
  judge(): void;
}

const uids = { yunque: 'alice', cim: 'bob', 'cim-json': 'alice' } as const;
const KEPT_FRAMES = 1000;

/** A client of each dialect that is there to be pushed to, moved between groups and closed. */
export async function openResidents(node: TestNode): Promise<Residents> {
  const clients = new Map<string, WsClient>();
  let coming: Promise<void> | undefined;
  let wrong: string | undefined;

  async function comeBack(): Promise<void> {
    for (const dialect of dialectNames) {
      if (clients.get(dialect)?.ended === undefined && clients.has(dialect)) continue;
      const bind = dialect === 'json' ? {} : { bind: { uid: uids[dialect], deviceId: dialect } };
      const client = await join(node, dialect, bind);
      client.ws.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) wrong ??= faultOf(data);
        if (client.frames.length > KEPT_FRAMES) client.frames.length = 0;
      });
      clients.set(dialect, client);
      await node.admin.join('hall', { ids: [client.cid || client.clientId] });
    }
  }
  const ensure = async () => {
    if (clients.size === dialectNames.length && clients.values().every(({ ended }) => ended === undefined)) return;
    coming ??= comeBack().finally(() => {
      coming = undefined;
    });
    await coming;
  };
  await ensure();
  return {
    ensure,
    judge: () => assert.equal(wrong, undefined),
    [Symbol.asyncDispose]: async () => {
      for (const { ws } of clients.values()) ws.terminate();
    },
  };
}

function faultOf(data: Buffer): string | undefined {
  try {
    JSON.parse(data.toString());
    return undefined;
  } catch {
    return `a client was sent text that is not JSON: ${data.toString().slice(0, 400)}`;
  }
}
