import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { requireContext } from '../contexts/apply-context.ts';
import { contextOfFlags } from '../contexts/commands.ts';
import { isContextName } from '../contexts/contexts.ts';
import { readContexts } from '../contexts/contexts-file.ts';
import { type MintFlags, mintTerms } from '../token/mint.ts';
import { printPlan, type Step } from './plan.ts';

export async function planAddContext(
  context: CliContext,
  name: string,
  { use = false }: { readonly use?: boolean },
): Promise<void> {
  if (!isContextName(name)) throw new CliError(context.text.line.badContextName(name));
  const { server } = await contextOfFlags(context);
  const isReplaced = (await readContexts(context.env)).byName.has(name);
  await printPlan(context, {
    command: 'ctx add',
    would: [
      { do: 'save-context', context: name, server, isReplaced },
      ...(use ? [{ do: 'use-context', context: name } as const] : []),
    ],
    affected: { contexts: 1 },
    exit: exitCodes.done,
  });
}

export async function planUseContext(
  context: CliContext,
  name: string | undefined,
  { none = false }: { readonly none?: boolean },
): Promise<void> {
  if ((name === undefined) !== none) throw new CliError(context.text.line.contextOrNone);
  const contexts = await readContexts(context.env);
  if (name !== undefined) requireContext(context, contexts, name);
  const isChange = contexts.current !== name;
  await printPlan(context, {
    command: 'ctx use',
    would: isChange ? [{ do: 'use-context', context: name ?? null }] : [],
    affected: { contexts: isChange ? 1 : 0 },
    exit: exitCodes.done,
  });
}

export async function planRemoveContexts(context: CliContext, names: readonly string[]): Promise<void> {
  const contexts = await readContexts(context.env);
  const asked = [...new Set(names)];
  const removed = asked.filter((name) => contexts.byName.has(name));
  const unknown = asked.filter((name) => !removed.includes(name));
  if (removed.length === 0) requireContext(context, contexts, asked[0] ?? '');
  const isCurrentGone = contexts.current !== undefined && removed.includes(contexts.current);
  await printPlan(context, {
    command: 'ctx rm',
    would: [
      ...removed.map((name): Step => ({ do: 'forget-context', context: name })),
      ...(isCurrentGone ? [{ do: 'use-context', context: null } as const] : []),
    ],
    affected: { contexts: removed.length },
    unknown,
    exit: unknown.length > 0 ? exitCodes.partly : exitCodes.done,
  });
}

export async function planConfigInit(context: CliContext, name: string): Promise<void> {
  const { line } = context.text;
  const file = resolve(process.cwd(), name);
  if (existsSync(file))
    throw new CliError(line.configExists(name), { exit: exitCodes.failed, hint: line.configExistsHint });
  requireWritable(nearestFolder(file), name);
  await printPlan(context, {
    command: 'config init',
    would: [{ do: 'write-file', file }],
    affected: { files: 1 },
    exit: exitCodes.done,
  });
}

/** The one that its missing folders would be made in. */
function nearestFolder(file: string): string {
  const folder = dirname(file);
  return existsSync(folder) || folder === file ? folder : nearestFolder(folder);
}

function requireWritable(folder: string, name: string): void {
  if (!statSync(folder).isDirectory())
    throw new CliError(`${name}: ${folder} is not a folder`, { exit: exitCodes.failed });
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CliError(`${name}: ${(error as Error).message}`, { exit: exitCodes.failed });
  }
}

/** No token is made: it would be as good as any other. */
export async function planMint(context: CliContext, flags: MintFlags): Promise<void> {
  const { alg, system, exp } = await mintTerms(context, flags);
  await printPlan(context, {
    command: 'token mint',
    would: [{ do: 'mint-token', uid: flags.uid, system, expiresAt: exp * 1000, alg }],
    affected: { tokens: 1 },
    exit: exitCodes.done,
  });
}
