import type { BanCommand, BanResult, ListBansCommand, UnbanCommand } from '../api/command.ts';
import type { BanInfo } from '../api/keys.ts';
import { banFields } from '../api/list-fields.ts';
import type { Page } from '../api/listing.ts';
import { type Awaitable, after } from '../util/awaitable.ts';
import { handleKick } from './kick.ts';
import type { NodeContext } from './node-context.ts';
import { queryRows } from './query-rows.ts';
import { requireId, requireSystem } from './require-system.ts';
import type { RowShape } from './row-order.ts';

const shape: RowShape<BanInfo> = { key: ['uid', 'system'], fields: banFields, search: ['uid', 'reason'] };

/** Throws `unknown_system`, and `bad_request` for a uid that can be none. */
export async function handleBan(node: NodeContext, command: BanCommand): Promise<BanResult> {
  const { system, uid, forMs, reason = '' } = command;
  await requireSystem(node, system);
  requireId(node, 'uid', uid);
  const now = Date.now();
  const ban = { system, uid, until: now + forMs, reason };
  // Before the closing: who comes back at once is refused already.
  await node.bans.ban(ban, now);
  node.events.emit({ type: 'banned', ...ban });
  const target = { to: 'users', uids: [uid] } as const;
  const { closed } = await handleKick(node, { type: 'kick', system, target, reason: wordsOf(ban) });
  return { closed, until: ban.until };
}

/** Throws `unknown_system`. */
export async function handleUnban(node: NodeContext, { system, uid }: UnbanCommand): Promise<{ lifted: boolean }> {
  await requireSystem(node, system);
  const lifted = await node.bans.unban(system, uid, Date.now());
  if (lifted) node.events.emit({ type: 'unbanned', system, uid });
  return { lifted };
}

export async function handleListBans(node: NodeContext, { query }: ListBansCommand): Promise<Page<BanInfo>> {
  if (query.system !== undefined) await requireSystem(node, query.system);
  return queryRows(await node.bans.list(Date.now(), query.system), shape, query);
}

/** What a banned user is told, as long as it is banned: "banned until 2026-01-31T12:00:00Z: the reason". */
export function banOf(node: Pick<NodeContext, 'bans'>, system: string, uid: string): Awaitable<string | undefined> {
  return after(node.bans.find(system, uid, Date.now()), (ban) => ban && wordsOf(ban));
}

function wordsOf({ until, reason }: BanInfo): string {
  // Upwards: whoever comes back at that second is let in.
  const second = new Date(Math.ceil(until / 1000) * 1000).toISOString().replace('.000', '');
  return `banned until ${second}${reason === '' ? '' : `: ${reason}`}`;
}
