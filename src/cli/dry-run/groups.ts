import { exitCodes } from '../../api/errors.ts';
import { defaultSystem } from '../../api/system.ts';
import type { Exclusion, Target } from '../../api/target.ts';
import { requireId } from '../../routing/require-system.ts';
import { type MemberFlags, selectorOf } from '../commands/group.ts';
import type { CliContext } from '../context.ts';
import { missingFromAny } from '../missing-nodes.ts';
import { exitOfNames, ofAnyLength, printPlan, readingClient } from './plan.ts';

export async function planJoin(
  context: CliContext,
  group: string,
  clients: readonly string[],
  flags: MemberFlags,
): Promise<void> {
  await planMembership(context, 'join', group, clients, flags);
}

export async function planLeave(
  context: CliContext,
  group: string,
  clients: readonly string[],
  flags: MemberFlags,
): Promise<void> {
  await planMembership(context, 'leave', group, clients, flags);
}

/** Who is a member already is counted: the group with them, less the group without them. */
async function planMembership(
  context: CliContext,
  verb: 'join' | 'leave',
  group: string,
  clients: readonly string[],
  flags: MemberFlags,
): Promise<void> {
  const { ids, uids } = selectorOf(context, clients, flags);
  if (verb === 'join') requireId(ofAnyLength, 'groupName', group);
  const { system = defaultSystem } = context.globals;
  const client = await readingClient(context);
  const target: Target = ids === undefined ? { to: 'users', uids: uids ?? [] } : { to: 'connections', ids };
  const exclude: Exclusion = ids === undefined ? { uids: uids ?? [] } : { ids };
  const members: Target = { to: 'groups', groups: [group] };
  const [named, whole, others] = await Promise.all([
    client.previewSend({ system, target }),
    client.previewSend({ system, target: members }),
    client.previewSend({ system, target: members, exclude }),
  ]);
  const present = whole.matched - others.matched;
  const changed = verb === 'join' ? Math.max(0, named.matched - present) : present;
  const unknown = [...(named.offline ?? []), ...(named.unknown ?? [])];
  await printPlan(context, {
    command: `group ${verb}`,
    would: changed > 0 ? [{ do: verb, group, system, connections: changed }] : [],
    affected: { connections: changed },
    unknown,
    ...missingFromAny([named, whole, others]),
    exit: exitOfNames(named.matched, unknown),
  });
}

export async function planRemoveGroup(context: CliContext, group: string): Promise<void> {
  const { system = defaultSystem } = context.globals;
  const client = await readingClient(context);
  const target: Target = { to: 'groups', groups: [group] };
  const { matched, nodes, missingNodes } = await client.previewSend({ system, target });
  await printPlan(context, {
    command: 'group rm',
    would: matched > 0 ? [{ do: 'remove-group', group, system, connections: matched }] : [],
    affected: { connections: matched },
    nodes,
    unknown: matched > 0 ? [] : [group],
    missingNodes,
    exit: matched > 0 ? exitCodes.done : exitCodes.nobody,
  });
}
