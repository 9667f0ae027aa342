import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { warnOfReadable } from '../readable-by-others.ts';
import type { Contexts, ServerContext } from './contexts.ts';
import { contextsFile, readContexts } from './contexts-file.ts';

/** Commands that ask no node, or the one of this machine. */
const withoutNode = new Set([
  'serve',
  'token',
  'id',
  'config',
  'errors',
  'proto',
  'version',
  'completion',
  'man',
  'ctx',
  'doctor',
]);

/** Commands of whole nodes, which take no system. */
const ofNodes = new Set(['stop', 'reload', 'stats', 'node']);

/**
 * Fills in what the context in use says and no flag does: the server, the system, the files of key and authority. A context is used as a whole or not at all: where the server
 * is named nearer to the hand, nothing of it goes there. Rejects with `CliError`.
 */
export async function applyContext(context: CliContext, program: Command, action: Command): Promise<void> {
  const verb = verbOf(program, action);
  if (withoutNode.has(verb)) return;
  const named = serverNamedBy(program, action, verb);
  const byFlag = context.globals.context;
  if (named !== undefined && byFlag !== undefined)
    throw new CliError(context.text.line.contextAndServer(byFlag, named));
  if (named !== undefined) return;
  const used = await contextInUse(context);
  if (used === undefined || (used.by !== 'flag' && isBenchOfOther(verb, action))) return;
  const { server, system, keyFile, caFile } = used.context;
  const fill = (option: string, value: string | undefined) => {
    const isFree = program.getOptionValue(option) === undefined;
    if (isFree && value !== undefined) program.setOptionValueWithSource(option, value, 'context');
    return isFree ? value : undefined;
  };
  fill('server', server);
  if (takesSystem(verb, action)) fill('system', system);
  const [key, ca] = [fill('keyFile', keyFile), fill('caFile', caFile)];
  if (key !== undefined) await requireFile(used.name, 'keyFile', key);
  if (ca !== undefined) await requireFile(used.name, 'caFile', ca);
  if (key !== undefined) await warnOfReadable(context, key);
  if (context.globals.verbose === true) context.note(context.text.line.usingContext(used.name));
}

export interface UsedContext {
  readonly name: string;
  readonly context: ServerContext;
  readonly by: 'flag' | 'YUNQUE_CONTEXT' | 'current';
}

/** `-C`, else, where YUNQUE_SERVER is not set, YUNQUE_CONTEXT, else the current one. Rejects with `CliError`. */
export async function contextInUse(context: CliContext): Promise<UsedContext | undefined> {
  const { env, globals } = context;
  const byFlag = globals.context;
  if (byFlag === undefined && env['YUNQUE_SERVER']) return undefined;
  const byEnv = byFlag === undefined ? env['YUNQUE_CONTEXT'] || undefined : undefined;
  const contexts = await readContexts(env);
  const name = byFlag ?? byEnv ?? contexts.current;
  if (name === undefined) return undefined;
  const by = byFlag !== undefined ? 'flag' : byEnv !== undefined ? 'YUNQUE_CONTEXT' : 'current';
  return { name, by, context: requireContext(context, contexts, name) };
}

/** Throws `CliError`, which lists those there are. */
export function requireContext({ env, text: { line } }: CliContext, { byName }: Contexts, name: string): ServerContext {
  const found = byName.get(name);
  if (found !== undefined) return found;
  const names = [...byName.keys()].join(', ');
  throw new CliError(line.noContext(name), {
    hint: names === '' ? line.noContextsHint(contextsFile(env)) : line.contextsHint(names),
  });
}

/** The word that names a server, where one nearer than any context does. */
function serverNamedBy(program: Command, action: Command, verb: string): string | undefined {
  if (program.getOptionValue('server')) return '-s';
  if (verb === 'connect' && action.args.length > 0) return 'the URL';
  if (verb === 'bench' && action.getOptionValue('httpUrl') !== undefined) return '--http-url';
  return undefined;
}

/** A server that `bench` is told where to connect to is the node in hand only where that is named as well. */
function isBenchOfOther(verb: string, action: Command): boolean {
  return verb === 'bench' && action.getOptionValue('wsUrl') !== undefined;
}

function takesSystem(verb: string, action: Command): boolean {
  if (ofNodes.has(verb)) return false;
  // The figures of nodes, and keys of the operator's, belong to no system.
  return action.getOptionValue('view') !== 'nodes' && action.getOptionValue('operator') !== true;
}

function verbOf(program: Command, action: Command): string {
  let command = action;
  while (command.parent !== null && command.parent !== program) command = command.parent;
  return command.name();
}

async function requireFile(name: string, field: string, file: string): Promise<void> {
  const { access, constants } = await import('node:fs/promises');
  await access(file, constants.R_OK).catch(({ code }: NodeJS.ErrnoException) => {
    throw new CliError(`context ${name}: ${field}: cannot read ${file} (${code})`, {
      hint: `put the file there, or add the context again: yunque ctx add ${name} …`,
    });
  });
}
