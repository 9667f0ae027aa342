import { errorTable, exitCodes } from '../../api/errors.ts';
import type { KeyGrant, KeyRow } from '../../api/keys.ts';
import { pageSize } from '../../api/listing.ts';
import type { AdminClient } from '../../client/admin-client.ts';
import { CliError } from '../cli-error.ts';
import { grantOf, type KeyFlags } from '../commands/key.ts';
import type { CliContext } from '../context.ts';
import { allPages } from '../list.ts';
import type { RotateFlags, SystemKeyFlags } from '../rotate-key.ts';
import { printPlan, readingClient } from './plan.ts';

export async function planRotateOfSystem(
  context: CliContext,
  system: string,
  { role, ...flags }: SystemKeyFlags,
): Promise<void> {
  await planRotation(context, 'system rotate-key', { owner: 'system', system, role }, flags);
}

export async function planRotate(context: CliContext, { operator = false, role, ...flags }: KeyFlags): Promise<void> {
  await planRotation(context, 'key rotate', grantOf(context, operator, role), flags);
}

async function planRotation(
  context: CliContext,
  command: string,
  grant: KeyGrant,
  { now = false, ttl }: RotateFlags,
): Promise<void> {
  const client = await readingClient(context);
  const at = Date.now();
  const system = grant.owner === 'system' ? { system: grant.system } : {};
  const older = (await everyKey(client, system))
    .filter(({ owner, role }) => owner === grant.owner && role === grant.role)
    .toSorted((a, b) => a.createdAt - b.createdAt);
  const kept = now ? undefined : older.findLast(({ expiresAt }) => expiresAt === undefined || expiresAt > at);
  const ended = older.filter((key) => key !== kept);
  const expiry = ttl === undefined ? {} : { expiresAt: at + ttl };
  await printPlan(context, {
    command,
    would: [
      { do: 'make-key', ...grant, ...expiry },
      ...(kept === undefined ? [] : [{ do: 'keep-key', id: kept.id } as const]),
      ...ended.map(({ id }) => ({ do: 'end-key', id }) as const),
    ],
    affected: { keys: 1 + ended.length },
    exit: exitCodes.done,
  });
}

export async function planRemoveKeys(context: CliContext, ids: readonly string[]): Promise<void> {
  const client = await readingClient(context);
  const known = new Set((await everyKey(client)).map(({ id }) => id));
  const names = [...new Set(ids)];
  const found = names.filter((id) => known.has(id));
  const unknown = names.filter((id) => !known.has(id));
  const { line } = context.text;
  if (found.length === 0)
    throw new CliError(line.unknownKeys(unknown.join(' ')), { exit: errorTable.unknown_key.exit });
  await printPlan(context, {
    command: 'key rm',
    would: found.map((id) => ({ do: 'end-key', id })),
    affected: { keys: found.length },
    unknown,
    exit: unknown.length > 0 ? exitCodes.partly : exitCodes.done,
  });
}

async function everyKey(client: AdminClient, where: { readonly system?: string } = {}): Promise<readonly KeyRow[]> {
  const pages = await allPages({ ...where, limit: pageSize.largest }, (query) => client.keys(query));
  return pages.flatMap(({ items }) => items);
}
