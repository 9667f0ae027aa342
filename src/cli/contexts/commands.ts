import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exitCodes } from '../../api/errors.ts';
import { parseServerAddress } from '../../client/server-address.ts';
import { CliError } from '../cli-error.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import type { Listing } from '../output/printer.ts';
import { warnOfReadable } from '../readable-by-others.ts';
import { contextInUse, requireContext } from './apply-context.ts';
import { type Contexts, contextFields, isContextName, type ServerContext } from './contexts.ts';
import { changeContexts, readContexts } from './contexts-file.ts';

interface ContextRow extends ServerContext {
  readonly name: string;
  readonly current: boolean;
}

const contextListing: Listing<ContextRow> = {
  schema: 'yunque.contexts/1',
  rowSchema: 'yunque.context/1',
  columns: [
    { header: '', cell: ({ current }) => (current ? '*' : '') },
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'SERVER', cell: ({ server }) => server },
    { header: 'SYSTEM', cell: ({ system }) => system ?? '', priority: 1, least: 12 },
    { header: 'KEY FILE', cell: ({ keyFile }) => keyFile ?? '', priority: 2, least: 16 },
    { header: 'CA FILE', cell: ({ caFile }) => caFile ?? '', priority: 3, least: 16 },
  ],
  fields: ['name', 'current', ...contextFields],
};

/** Keeps what `-s`, `-S`, `--key-file` and `--ca-file` say. One of this name is replaced, once that was agreed to. */
export async function addContext(context: CliContext, name: string, isToBeUsed: boolean): Promise<void> {
  const { line } = context.text;
  if (!isContextName(name)) throw new CliError(line.badContextName(name));
  const made = await contextOfFlags(context);
  const isKnown = (await readContexts(context.env)).byName.has(name);
  if (isKnown) await confirm(context, line.replaceContext(name));
  const changed = await changeContexts(context.env, ({ current, byName }) => {
    // Another command was quicker: nobody has agreed to lose what it wrote.
    if (!isKnown && byName.has(name)) throw new CliError(line.contextExists(name), { exit: exitCodes.failed });
    return { current: isToBeUsed ? name : current, byName: new Map([...byName, [name, made]]) };
  });
  await (await context.printer()).record(contextListing.rowSchema, rowOf(changed, name), {
    fields: contextListing.fields,
  });
  if (isToBeUsed) noteNearer(context);
}

export async function listContexts(context: CliContext): Promise<void> {
  const contexts = await readContexts(context.env);
  const items = [...contexts.byName.keys()].sort().map((name) => rowOf(contexts, name));
  await (await context.printer()).list(contextListing, { items, total: items.length });
  if (contexts.current !== undefined) noteNearer(context);
}

export async function useContext(context: CliContext, name: string | undefined, isNone: boolean): Promise<void> {
  const { line } = context.text;
  if ((name === undefined) !== isNone) throw new CliError(line.contextOrNone);
  await changeContexts(context.env, (contexts) => {
    if (name !== undefined) requireContext(context, contexts, name);
    return { ...contexts, current: name };
  });
  context.note(name === undefined ? line.noneCurrent : line.nowCurrent(name));
  if (name !== undefined) noteNearer(context);
}

/** Without a name the one a command would use; none: exit 3. */
export async function showContext(context: CliContext, asked: string | undefined): Promise<void> {
  const { line } = context.text;
  const contexts = await readContexts(context.env);
  const name = asked ?? (await contextInUse(context))?.name;
  if (name === undefined) throw new CliError(line.noneUsed, { exit: exitCodes.nobody, hint: line.noneUsedHint });
  requireContext(context, contexts, name);
  await (await context.printer()).record(contextListing.rowSchema, rowOf(contexts, name), {
    fields: contextListing.fields,
  });
}

/** Passes over those that are not there; said, and exit 7, where others were. */
export async function removeContexts(context: CliContext, names: readonly string[]): Promise<void> {
  const { line } = context.text;
  const known = (contexts: Contexts) => names.filter((name) => contexts.byName.has(name));
  let removed: readonly string[] = [];
  let isCurrentGone = false;
  await changeContexts(context.env, (contexts) => {
    removed = known(contexts);
    if (removed.length === 0) requireContext(context, contexts, names[0] ?? '');
    isCurrentGone = contexts.current !== undefined && removed.includes(contexts.current);
    return {
      current: isCurrentGone ? undefined : contexts.current,
      byName: new Map([...contexts.byName].filter(([name]) => !removed.includes(name))),
    };
  });
  const unknown = names.filter((name) => !removed.includes(name));
  await (await context.printer()).record('yunque.contexts-removed/1', { removed, unknown });
  if (isCurrentGone) context.note(line.noneCurrent);
  if (unknown.length === 0) return;
  context.exitCode = exitCodes.partly;
  context.note(line.noContext(unknown.join(' ')));
}

export async function contextOfFlags(context: CliContext): Promise<ServerContext> {
  const { line } = context.text;
  const { server, system, keyFile, caFile } = context.globals;
  if (server === undefined || server === '')
    throw new CliError(line.contextNeedsServer, { hint: line.contextNeedsServerHint });
  if (keyFile === '-') throw new CliError(line.contextKeyFromStdin);
  const address = parseServerAddress(server);
  const files = {
    ...(keyFile !== undefined && { keyFile: resolve(keyFile) }),
    ...(caFile !== undefined && { caFile: resolve(caFile) }),
  };
  for (const file of Object.values(files)) await noteUnreadable(context, file);
  if (files.keyFile !== undefined) await warnOfReadable(context, files.keyFile);
  return {
    // What follows the path is never sent; it may be a token, which would lie open in the file.
    server: address.kind === 'socket' ? `unix:${resolve(address.path)}` : server.replace(/[?#].*$/s, ''),
    ...(system !== undefined && { system }),
    ...files,
  };
}

/** It may still be brought, as on a disk that is not mounted. */
async function noteUnreadable({ note, text: { line } }: CliContext, file: string): Promise<void> {
  await access(file, constants.R_OK).catch(({ code }: NodeJS.ErrnoException) =>
    note(line.warning(line.unreadable(file, String(code)))),
  );
}

/** A variable that is set wins over the current context: who has forgotten it would ask another server. */
function noteNearer({ env, note, text: { line } }: CliContext): void {
  const variable = ['YUNQUE_SERVER', 'YUNQUE_CONTEXT'].find((name) => env[name]);
  if (variable !== undefined) note(line.variableWins(variable));
}

function rowOf({ current, byName }: Contexts, name: string): ContextRow {
  return { name, current: name === current, ...byName.get(name) } as ContextRow;
}
