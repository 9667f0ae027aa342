import type { TestNode } from './node.ts';
import type { WsClient } from './ws-clients.ts';
import type { Received } from './ws-decode.ts';

let markers = 0;

/**
 * Sends a marker to everyone in each system, and resolves with what each client got before it since it was last asked:
 * frames of one connection keep their order, so nothing sent earlier can still be on its way. Heartbeats are left out.
 */
export async function beforeMarker(
  node: TestNode,
  systems: readonly string[],
  clients: Readonly<Record<string, WsClient>>,
): Promise<Record<string, Received[]>> {
  markers += 1;
  const marker = `marker-${markers}`;
  for (const system of systems) await node.admin.send({ system, target: { to: 'system' }, push: { msg: marker } });
  const got = await Promise.all(
    Object.entries(clients).map(async ([name, client]) => {
      const frames = await client.upTo((frame) => frame.type === 'message' && textOf(frame) === marker, marker);
      return [name, frames.slice(0, -1).filter((frame) => frame.type !== 'ping')] as const;
    }),
  );
  return Object.fromEntries(got);
}

/** `msg` of a go-websocket push, in any dialect. */
function textOf({ body }: Received): unknown {
  if ('msg' in body) return body['msg'];
  const { content } = body;
  if (body['action'] !== 'push') return undefined;
  if (typeof content === 'string') return (JSON.parse(content) as { msg: string }).msg;
  return (content as { msg: string }).msg;
}
