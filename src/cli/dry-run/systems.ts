import { type ErrorCode, errorTable, exitCodes } from '../../api/errors.ts';
import type { Shown, SystemInfo } from '../../api/listing.ts';
import { defaultSystem } from '../../api/system.ts';
import { isRefusal } from '../../client/client-error.ts';
import { requireSystemId } from '../../routing/require-system.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { wordsOfRefusal } from '../failure-words.ts';
import { missingFromAny } from '../missing-nodes.ts';
import { ofAnyLength, printPlan, readingClient, type Step } from './plan.ts';

export async function planAddSystem(context: CliContext, system: string): Promise<void> {
  requireSystemId(ofAnyLength, system);
  const client = await readingClient(context);
  const isThere = await client.system(system).then(() => true, unknownAs(false));
  if (isThere) throw refused(context, 'system_exists');
  await printPlan(context, {
    command: 'system add',
    would: [{ do: 'add-system', system }],
    affected: { systems: 1 },
    exit: exitCodes.done,
  });
}

export async function planRemoveSystems(context: CliContext, names: readonly string[]): Promise<void> {
  const client = await readingClient(context);
  const would: Extract<Step, { do: 'remove-system' }>[] = [];
  const unknown: string[] = [];
  const found: Shown<SystemInfo>[] = [];
  let exit: number = exitCodes.done;
  for (const system of new Set(names)) {
    // Those before it would be gone by then.
    if (system === defaultSystem) {
      exit = errorTable.bad_request.exit;
      break;
    }
    const info = await client.system(system).catch(unknownAs(undefined));
    if (info === undefined) {
      unknown.push(system);
      continue;
    }
    const [keys, bans] = await Promise.all([client.keys({ system, limit: 1 }), client.bans({ system, limit: 1 })]);
    found.push(info);
    would.push({
      do: 'remove-system',
      system,
      connections: info.connections,
      keys: keys.total,
      bans: bans.total,
    });
  }
  if (found.length === 0)
    throw exit === exitCodes.done ? refused(context, 'unknown_system') : refused(context, 'bad_request', alwaysThere);
  const sum = (kind: 'connections' | 'keys' | 'bans') => would.reduce((total, step) => total + step[kind], 0);
  await printPlan(context, {
    command: 'system rm',
    would,
    affected: {
      systems: would.length,
      connections: sum('connections'),
      keys: sum('keys'),
      bans: sum('bans'),
    },
    unknown,
    ...missingFromAny(found),
    exit: exit === exitCodes.done && unknown.length > 0 ? exitCodes.partly : exit,
  });
}

const alwaysThere = `the system "${defaultSystem}" always exists`;

/** What the node itself would refuse it with. */
function refused({ text }: CliContext, code: ErrorCode, message = ''): CliError {
  return new CliError(wordsOfRefusal(code, message, text), { exit: errorTable[code].exit });
}

function unknownAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isRefusal(error, 'unknown_system')) return value;
    throw error;
  };
}
