import { type NoticeMessage, noticeCodes } from '../api/message.ts';
import type { Group, MembershipChange } from '../registry/system-index.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import { subjectOf } from './connection-subjects.ts';
import type { NodeContext } from './node-context.ts';

/**
 * Tells the members of each group who came (the joiner included) or went (not to it), as go-websocket does with 1001 and
 * 1002, and the event stream. Notices are messages of the group like others: those of many who come or go together are handed out
 * together. Members on other nodes are told by their nodes. `silent`: only the event stream, and the other nodes' records. Resolves
 * when the members here have been told.
 */
export async function announce(
  node: NodeContext,
  what: keyof typeof noticeCodes,
  system: string,
  changes: readonly MembershipChange[],
  { silent = false } = {},
): Promise<void> {
  if (changes.length === 0) return;
  const told: Promise<void>[] = [];
  for (const { group, connection, membership } of changes) {
    const { userId, extend } = membership;
    node.events.emit({
      type: what === 'online' ? 'joined' : 'left',
      group: group.name,
      userId,
      extend,
      ...subjectOf(connection),
    });
    if (!node.notices || (group.members.size === 0 && node.tellOthers === undefined)) continue;
    const clientId = node.registry.clientIdOf(connection);
    const code = noticeCodes[what];
    const message = { kind: 'notice', messageId: node.newMessageId(), code, clientId, userId, extend } as const;
    node.tellOthers?.({ system, group: group.name, cid: connection.cid, message, silent });
    if (silent) continue;
    if (node.taps.isOpen) node.taps.onNotice(system, group.name, message);
    told.push(tellMembers(node, system, group, message));
  }
  await Promise.all(told);
}

/** Gives a notice to those members of a group that are here. */
export async function tellMembers(
  node: NodeContext,
  system: string,
  group: Group,
  message: NoticeMessage,
): Promise<void> {
  if (node.taps.isOpen) node.taps.onNoticeHere(system, group.name, message);
  await group.members.push(new PreparedMessage(message, node.codecs), { isNotice: true });
}
