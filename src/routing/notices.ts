import { type NoticeMessage, noticeCodes } from '../api/message.ts';
import type { Connection } from '../registry/connection.ts';
import { fanout } from '../registry/fanout.ts';
import type { Group, MembershipChange } from '../registry/system-index.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';

/**
 * Tells the members of each group who came (the joiner included) or went (not to it), as go-websocket does with 1001 and
 * 1002, and the event stream. Many who come or go together mean notices by the square of them: they leave in order through
 * the node's paced queue, in this turn where it is little. Members on other nodes are told by their nodes. `silent`: only the
 * event stream, and the other nodes' records.
 */
export function announce(
  node: NodeContext,
  what: keyof typeof noticeCodes,
  system: string,
  changes: readonly MembershipChange[],
  { silent = false } = {},
): void {
  for (const change of changes) {
    const { group, connection, membership } = change;
    node.events.emit({
      type: what === 'online' ? 'joined' : 'left',
      system,
      group: group.name,
      cid: String(connection.cid),
      userId: membership.userId,
    });
    if (!node.notices || (group.members.size === 0 && node.tellOthers === undefined)) continue;
    const clientId = node.registry.clientIdOf(connection);
    const code = noticeCodes[what];
    const message = { kind: 'notice', messageId: node.newMessageId(), code, clientId, ...membership } as const;
    node.tellOthers?.({ system, group: group.name, cid: connection.cid, message, silent });
    if (!silent) tellMembers(node, group, message);
  }
}

/** Gives a notice to those members of a group that are here. */
export function tellMembers(node: NodeContext, group: Group, message: NoticeMessage): void {
  if (group.members.size === 0) return;
  node.noticeQueue.add(() => {
    fanout(openMembers(group), new PreparedMessage(message, node.codecs), node.counters);
    return group.members.size;
  });
}

/** Members that are closing themselves are told nothing, and are no failed delivery. */
function* openMembers(group: Group): Generator<Connection> {
  for (const member of group.members.keys()) if (member.isOpen) yield member;
}
