import type { Command, Execute, MembershipResult, ResultOf } from '../api/command.ts';
import { type Actor, type Audit, outcomeOf } from './audit.ts';

/** How a command that changes something is written down. */
interface Row<C extends Command> {
  what(command: C): Readonly<Record<string, unknown>>;
  result(result: ResultOf<C>): Readonly<Record<string, unknown>>;
}

/** Every command, so that a new one has to say which it is: what changes nothing that lasts, and every push, is left out. */
const rows: { readonly [T in Command['type']]: Row<Extract<Command, { type: T }>> | undefined } = {
  kick: {
    what: ({ system, target, reason }) => ({ system, target: withShortLists(target), reason }),
    result: ({ matched, closed }) => ({ matched, closed }),
  },
  join: {
    what: ({ system, group, members }) => ({ system, group, members: withShortLists(members) }),
    result: membershipCounts,
  },
  leave: {
    what: ({ system, group, members }) => ({ system, group, members: withShortLists(members) }),
    result: membershipCounts,
  },
  removeGroup: { what: ({ system, group }) => ({ system, group }), result: ({ removed }) => ({ removed }) },
  addSystem: { what: ({ system }) => ({ system }), result: () => ({}) },
  removeSystem: { what: ({ system }) => ({ system }), result: ({ closed }) => ({ closed }) },
  rotateKey: {
    what: ({ grant, now, ttlMs }) => ({ ...grant, now, ttlMs }),
    result: ({ info, kept, removed }) => ({ keyId: info.id, expiresAt: info.expiresAt, kept: kept?.id, removed }),
  },
  removeKey: {
    what: ({ id }) => ({ keyId: id }),
    result: ({ id: _, ...key }) => ({ ...key }),
  },
  ban: {
    what: ({ system, uid, forMs, reason }) => ({ system, uid, forMs, reason }),
    result: ({ closed, until }) => ({ closed, until }),
  },
  unban: { what: ({ system, uid }) => ({ system, uid }), result: ({ lifted }) => ({ lifted }) },
  drainNode: { what: ({ node, perSecond }) => ({ nodeId: node, perSecond }), result: ({ clients }) => ({ clients }) },
  resumeNode: { what: ({ node }) => ({ nodeId: node }), result: ({ wasDrained }) => ({ wasDrained }) },
  push: undefined,
  pushList: undefined,
  preview: undefined,
  listSystems: undefined,
  listGroups: undefined,
  listMembers: undefined,
  listClientIds: undefined,
  listConnections: undefined,
  listUsers: undefined,
  online: undefined,
  stats: undefined,
  pingNode: undefined,
  history: undefined,
  listKeys: undefined,
  listBans: undefined,
};

/**
 * `execute` on behalf of `actor`: commands that change something are written down with what came of them, whether they
 * succeed or not. Resolves and rejects as `execute` does, whatever becomes of the line.
 */
export function auditedExecute(execute: Execute, audit: Pick<Audit, 'record'>, actor: Actor): Execute {
  return (command) => {
    const row = rows[command.type] as Row<typeof command> | undefined;
    return row === undefined ? execute(command) : executeAudited(execute, audit, actor, command, row);
  };
}

async function executeAudited<C extends Command>(
  execute: Execute,
  audit: Pick<Audit, 'record'>,
  actor: Actor,
  command: C,
  row: Row<C>,
): Promise<ResultOf<C>> {
  const change = { ...actor, action: command.type, what: row.what(command) };
  let result: ResultOf<C>;
  try {
    result = await execute(command);
  } catch (error) {
    audit.record({ ...change, outcome: outcomeOf(error) });
    throw error;
  }
  audit.record({ ...change, outcome: 'ok', result: row.result(result) });
  return result;
}

function membershipCounts({ matched, changed, unknown }: MembershipResult): Readonly<Record<string, unknown>> {
  return { matched, changed, unknown: unknown.length };
}

const mostNames = 100;

/** A request may name a million: a line holds the first ones, and how many more there were. */
function withShortLists(names: object): object {
  const short = Object.entries(names).map(([field, value]) => [
    field,
    Array.isArray(value) ? value.slice(0, mostNames) : value,
  ]);
  const left = Object.values(names)
    .filter((value) => Array.isArray(value))
    .reduce((sum, list) => sum + Math.max(0, list.length - mostNames), 0);
  return { ...Object.fromEntries(short), ...(left > 0 && { more: left }) };
}
