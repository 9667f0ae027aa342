import { errorTable, exitCodes } from '../../api/errors.ts';
import type { NodeStats } from '../../api/stats.ts';
import { askNode } from '../asked-node.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { wordsOfRefusal } from '../failure-words.ts';
import { printPlan, readingClient } from './plan.ts';

export async function planDrain(
  context: CliContext,
  asked: string | undefined,
  { rate }: { readonly rate?: number },
): Promise<void> {
  const { node, connections, drain } = await nodeOf(context, asked);
  if (drain !== undefined && drain.isStaying !== true)
    throw new CliError(wordsOfRefusal('going_away', '', context.text), { exit: errorTable.going_away.exit });
  await printPlan(context, {
    command: 'node drain',
    would: [{ do: 'drain', node, connections, ...(rate !== undefined && { perSecond: rate }) }],
    affected: { nodes: 1, connections },
    exit: exitCodes.done,
  });
}

export async function planResume(context: CliContext, asked: string | undefined): Promise<void> {
  const { node, drain } = await nodeOf(context, asked);
  const isDrained = drain?.isStaying === true;
  await printPlan(context, {
    command: 'node resume',
    would: isDrained ? [{ do: 'resume', node }] : [],
    affected: { nodes: isDrained ? 1 : 0 },
    exit: exitCodes.done,
  });
}

export async function planHeapSnapshot(context: CliContext): Promise<void> {
  refuseSystem(context, context.text.line.heapIsOfNode);
  const { ending: [first] = [] } = await answering(context);
  // Of several workers the first that serves writes one.
  if (first === undefined)
    throw new CliError(wordsOfRefusal('unavailable', '', context.text), { exit: errorTable.unavailable.exit });
  const { node, memory } = first;
  await printPlan(context, {
    command: 'node heap-snapshot',
    would: [{ do: 'heap-snapshot', node, heapBytes: memory.heapUsed }],
    affected: { files: 1 },
    exit: exitCodes.done,
  });
}

export async function planStop(context: CliContext, { now = false }: { readonly now?: boolean }): Promise<void> {
  refuseSystem(context, context.text.line.stopIsOfNode);
  const { node, ending, missingNodes } = await answering(context);
  const connections = ending.reduce((sum, each) => sum + each.connections, 0);
  await printPlan(context, {
    command: 'stop',
    would: [{ do: 'stop', node, connections, now }],
    affected: { nodes: 1, connections },
    missingNodes,
    exit: exitCodes.done,
  });
}

/** The node that is asked: itself, or where it is one of workers all of them, none of which has its name. */
async function answering(context: CliContext) {
  const client = await readingClient(context);
  const [{ node }, stats] = await Promise.all([client.version(), client.stats()]);
  const own = stats.nodes.filter((each) => each.node === node);
  return own.length > 0
    ? { node, ending: own, missingNodes: [] }
    : { node, ending: stats.nodes, missingNodes: stats.missingNodes };
}

/** What would change is known to the node alone, which reads its files as its own user, with its own environment. */
export async function planReload(context: CliContext): Promise<void> {
  refuseSystem(context, context.text.line.reloadIsOfNode);
  const { node } = await (await readingClient(context)).version();
  await printPlan(context, {
    command: 'reload',
    would: [{ do: 'reload', node }],
    affected: { nodes: 1 },
    exit: exitCodes.done,
  });
  context.note(context.text.dryRun.reloadHint);
}

async function nodeOf(context: CliContext, asked: string | undefined): Promise<NodeStats> {
  const client = await readingClient(context);
  const id = asked ?? (await client.version()).node;
  return await askNode(context, id, () => client.node(id));
}

function refuseSystem({ globals }: CliContext, words: string): void {
  if (globals.system !== undefined) throw new CliError(words);
}
