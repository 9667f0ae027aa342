import type { JoinCommand, LeaveCommand, MembershipResult } from '../../api/command.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import type { PendingLogins } from '../pending-logins.ts';
import { askEach, askNodes, type PartCommand, type Questions } from './notes.ts';
import type { Pushing } from './push.ts';

type Membership = JoinCommand | LeaveCommand;

export interface MembershipParts extends Pushing {
  readonly pending: PendingLogins;
  /** All nodes that hold one of the users, as known here. */
  readonly holders: (system: string, uids: readonly string[]) => Awaitable<string[]>;
}

/**
 * This node's part. A user whose login is under way here is waited for: it is with the login, or after it, that the user joins or
 * leaves.
 */
export async function membershipHere(
  parts: MembershipParts,
  command: Membership,
): Promise<{ result: MembershipResult; at: string[] }> {
  const { system, members } = command;
  if (members.by === 'connections') return { result: await parts.here(command), at: [] };
  await parts.pending.whenEnded(system, members.uids);
  const result = await parts.here(command);
  // After it was done: a login that is not known here yet will be told of it when it arrives.
  return { result, at: await parts.holders(system, members.uids) };
}

/**
 * Connections join where they are, users on every node that holds them; a user that comes to a further node meanwhile is
 * followed there. The first refusal of a node is thrown, what others have done stands.
 */
export async function membershipEverywhere(parts: MembershipParts, command: Membership): Promise<MembershipResult> {
  const { cluster, placement } = parts;
  const { system, members } = command;
  const bodies = new Map<string, PartCommand>();
  if (members.by === 'connections') {
    for (const [node, ids] of placement.ofRefs(members.ids)) {
      bodies.set(node, { ...command, members: { by: 'connections', ids } });
    }
  } else {
    for (const [node, uids] of await placement.ofUsers(system, members.uids)) {
      bodies.set(node, { ...command, members: { by: 'users', uids } });
    }
  }
  if (bodies.size === 0 && members.by === 'connections') return parts.here(command);
  const [own, first] = await Promise.all([membershipHere(parts, command), askEach(cluster, bodies, 'part')]);
  const answers = [...first.answers].map(([node, answer]) => ({ node, ...(answer as MembershipAnswer) }));
  const missing = new Set(first.missing);
  const refusals = [...first.refusals];
  const asked = new Set([cluster.self, ...bodies.keys()]);
  for (let further = furtherOf([own, ...answers], asked); further.length > 0; ) {
    for (const node of further) asked.add(node);
    const next = await askNodes(cluster, further, 'part', command);
    const found = [...next.answers].map(([node, answer]) => ({ node, ...(answer as MembershipAnswer) }));
    answers.push(...found);
    for (const node of next.missing) missing.add(node);
    refusals.push(...next.refusals);
    further = furtherOf(found, asked);
  }
  for (const refusal of refusals) throw refusal;
  return mergeMembership(own.result, answers, command, bodies, missing);
}

type MembershipAnswer = { readonly result: MembershipResult } & Pick<Questions['part']['answer'], 'at'>;

function furtherOf(answers: readonly { readonly at: readonly string[] }[], asked: ReadonlySet<string>): string[] {
  return [...new Set(answers.flatMap(({ at }) => at))].filter((node) => !asked.has(node));
}

/** A name is unknown where no node has it and all that may have it answered. */
function mergeMembership(
  own: MembershipResult,
  answers: readonly (MembershipAnswer & { readonly node: string })[],
  command: Membership,
  bodies: ReadonlyMap<string, PartCommand>,
  missing: ReadonlySet<string>,
): MembershipResult {
  let { matched, changed } = own;
  const unknown = new Set(own.unknown);
  for (const { node, result } of answers) {
    matched += result.matched;
    changed += result.changed;
    const missedThere = new Set(result.unknown);
    for (const name of namesOf(bodies.get(node) ?? command)) if (!missedThere.has(name)) unknown.delete(name);
  }
  for (const node of missing) for (const name of namesOf(bodies.get(node) ?? command)) unknown.delete(name);
  return { matched, changed, unknown: [...unknown], ...(missing.size > 0 && { missingNodes: [...missing] }) };
}

function namesOf(command: PartCommand): readonly string[] {
  if (command.type !== 'join' && command.type !== 'leave') return [];
  return command.members.by === 'users' ? command.members.uids : command.members.ids;
}
