import { setImmediate } from 'node:timers/promises';
import { noticeCodes } from '../api/message.ts';
import { fanout } from '../registry/fanout.ts';
import type { MembershipChange } from '../registry/registry.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';

/** One join of many connections means notices by the square of them: the loop is given back after this many. */
const deliveriesPerTurn = 20_000;

/**
 * Tells the members of each group who came (the joiner included) or went (not to it), as go-websocket does with 1001 and
 * 1002, and the event stream. All of it in this turn where it is little.
 */
export async function announce(
  node: NodeContext,
  what: keyof typeof noticeCodes,
  system: string,
  changes: readonly MembershipChange[],
): Promise<void> {
  let deliveries = 0;
  for (const { group, connection, membership } of changes) {
    node.events.emit({
      type: what === 'online' ? 'joined' : 'left',
      system,
      group: group.name,
      cid: String(connection.cid),
      userId: membership.userId,
    });
    if (!node.notices || group.members.size === 0) continue;
    const notice = new PreparedMessage(
      {
        kind: 'notice',
        messageId: node.newMessageId(),
        code: noticeCodes[what],
        clientId: node.registry.clientIdOf(connection),
        ...membership,
      },
      node.codecs,
    );
    deliveries += fanout(group.members.keys(), notice, node.counters).matched;
    if (deliveries < deliveriesPerTurn) continue;
    deliveries = 0;
    await setImmediate();
  }
}
