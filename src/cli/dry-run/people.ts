import { exitCodes } from '../../api/errors.ts';
import { defaultSystem } from '../../api/system.ts';
import type { Target } from '../../api/target.ts';
import { requireId } from '../../routing/require-system.ts';
import type { CliContext } from '../context.ts';
import { exitOfNames, ofAnyLength, type Plan, printPlan, readingClient } from './plan.ts';

export async function planKickClients(context: CliContext, ids: readonly string[]): Promise<void> {
  const reach = await reachOf(context, { to: 'connections', ids });
  await printPlan(context, {
    command: 'client kick',
    ...closing(reach),
    exit: exitOfNames(reach.matched, reach.unknown),
  });
}

export async function planKickUsers(context: CliContext, uids: readonly string[]): Promise<void> {
  const reach = await reachOf(context, { to: 'users', uids });
  await printPlan(context, {
    command: 'user kick',
    ...closing(reach),
    exit: exitOfNames(reach.matched, reach.unknown),
  });
}

/** A user who is not there is banned all the same. */
export async function planBan(context: CliContext, uid: string, flags: { readonly for: number }): Promise<void> {
  requireId(ofAnyLength, 'uid', uid);
  const { unknown: _absent, ...reach } = await reachOf(context, { to: 'users', uids: [uid] });
  const { would, affected, ...rest } = closing({ ...reach, unknown: [] });
  const ban = { do: 'ban', uid, system: reach.system, until: Date.now() + flags.for } as const;
  await printPlan(context, {
    command: 'user ban',
    ...rest,
    would: [ban, ...would],
    affected: { bans: 1, ...affected },
    exit: exitCodes.done,
  });
}

export async function planUnban(context: CliContext, uid: string): Promise<void> {
  const { system = defaultSystem } = context.globals;
  const client = await readingClient(context);
  const page = await client.bans({ system, where: [{ field: 'uid', op: '=', value: uid }] });
  const isBanned = page.items.length > 0;
  await printPlan(context, {
    command: 'user unban',
    would: isBanned ? [{ do: 'unban', uid, system }] : [],
    affected: { bans: page.items.length },
    unknown: isBanned ? [] : [uid],
    ...(page.missingNodes && { missingNodes: page.missingNodes }),
    exit: isBanned ? exitCodes.done : exitCodes.nobody,
  });
}

interface Reach {
  readonly system: string;
  readonly matched: number;
  readonly nodes: Readonly<Record<string, number>>;
  readonly unknown: readonly string[];
  readonly missingNodes: readonly string[];
}

async function reachOf(context: CliContext, target: Target): Promise<Reach> {
  const { system = defaultSystem } = context.globals;
  const client = await readingClient(context);
  const { matched, nodes, offline = [], unknown = [], missingNodes } = await client.previewSend({ system, target });
  return { system, matched, nodes, unknown: [...offline, ...unknown], missingNodes };
}

function closing({ system, matched, nodes, unknown, missingNodes }: Reach): Omit<Plan, 'command' | 'exit'> {
  const would = matched > 0 ? [{ do: 'close', connections: matched, system } as const] : [];
  return { would, affected: { connections: matched }, nodes, unknown, missingNodes };
}
