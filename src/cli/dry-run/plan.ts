import { exitCodes } from '../../api/errors.ts';
import type { AdminClient } from '../../client/admin-client.ts';
import type { CliContext } from '../context.ts';
import { type Incomplete, noteMissing } from '../missing-nodes.ts';

/** One thing a command would do. Times are milliseconds since the epoch. */
export type Step =
  | { readonly do: 'send'; readonly connections: number; readonly system: string }
  | { readonly do: 'close'; readonly connections: number; readonly system: string }
  | { readonly do: 'ban'; readonly uid: string; readonly system: string; readonly until: number }
  | { readonly do: 'unban'; readonly uid: string; readonly system: string }
  | { readonly do: 'join'; readonly group: string; readonly system: string; readonly connections: number }
  | { readonly do: 'leave'; readonly group: string; readonly system: string; readonly connections: number }
  | { readonly do: 'remove-group'; readonly group: string; readonly system: string; readonly connections: number }
  | { readonly do: 'add-system'; readonly system: string }
  | {
      readonly do: 'remove-system';
      readonly system: string;
      readonly connections: number;
      readonly keys: number;
      readonly bans: number;
    }
  | {
      readonly do: 'make-key';
      readonly owner: 'system' | 'operator';
      readonly system?: string;
      readonly role: string;
      readonly expiresAt?: number;
    }
  | { readonly do: 'keep-key'; readonly id: string }
  | { readonly do: 'end-key'; readonly id: string }
  | { readonly do: 'drain'; readonly node: string; readonly connections: number; readonly perSecond?: number }
  | { readonly do: 'resume'; readonly node: string }
  | { readonly do: 'heap-snapshot'; readonly node: string; readonly heapBytes: number }
  | { readonly do: 'stop'; readonly node: string; readonly connections: number; readonly now: boolean }
  | { readonly do: 'reload'; readonly node: string }
  | { readonly do: 'save-context'; readonly context: string; readonly server: string; readonly isReplaced: boolean }
  | { readonly do: 'use-context'; readonly context: string | null }
  | { readonly do: 'forget-context'; readonly context: string }
  | { readonly do: 'write-file'; readonly file: string }
  | {
      readonly do: 'mint-token';
      readonly uid: string;
      readonly system: string;
      readonly expiresAt: number;
      readonly alg: string;
    };

export type AffectedKind = 'connections' | 'keys' | 'bans' | 'systems' | 'nodes' | 'contexts' | 'files' | 'tokens';

/** What a command would do, and with what result. */
export interface Plan extends Incomplete {
  /** Without the program's name: `client kick`. */
  readonly command: string;
  /** Empty: nothing. */
  readonly would: readonly Step[];
  /** How many of each kind would be reached, made, changed or ended; 0 may be left out. */
  readonly affected: Readonly<Partial<Record<AffectedKind, number>>>;
  /** Connections on each node, where it is about connections. */
  readonly nodes?: Readonly<Record<string, number>>;
  /** Connections of each dialect, of a message. */
  readonly dialects?: Readonly<Record<string, number>>;
  /** Names given that nobody has. */
  readonly unknown?: readonly string[];
  /** What the command itself would most likely exit with. Where nodes are missing, it is 7 whatever stands here. */
  readonly exit: number;
}

/** The columns of csv and plain. */
const fields = ['command', 'would', 'affected', 'nodes', 'dialects', 'unknown', 'missingNodes', 'exit'] as const;

/** For planners: the node, too, refuses them whatever a key that may only read may not do. */
export async function readingClient(context: CliContext): Promise<AdminClient> {
  return await context.client({ role: 'read' });
}

/** Of new names all but the length, which the node's configuration limits, is judged here. */
export const ofAnyLength = { limits: { idBytes: Number.POSITIVE_INFINITY } } as const;

/** Of names that were asked for: nobody, some, or all there. */
export function exitOfNames(matched: number, unknown: readonly string[]): number {
  if (matched === 0) return exitCodes.nobody;
  return unknown.length > 0 ? exitCodes.partly : exitCodes.done;
}

/** Prints it, makes its exit code the command's, and says that nothing was done. */
export async function printPlan(context: CliContext, plan: Plan): Promise<void> {
  const { line, dryRun } = context.text;
  const { command, would, nodes = {}, dialects = {}, unknown = [], missingNodes = [] } = plan;
  const exit = missingNodes.length > 0 ? exitCodes.partly : plan.exit;
  const affected = Object.fromEntries(Object.entries(plan.affected).filter(([, count]) => count > 0));
  const record = {
    command,
    would,
    affected,
    ...(plan.nodes && { nodes }),
    ...(plan.dialects && { dialects }),
    unknown,
    ...(missingNodes.length > 0 && { missingNodes }),
    exit,
  };
  const shown = [
    ...would.map((step) => [dryRun.would, wordsOf(step, dryRun.steps)] as const),
    ...(would.length === 0 ? [[dryRun.would, dryRun.nothing] as const] : []),
    [dryRun.nodes, parts(nodes)],
    [dryRun.dialects, parts(dialects)],
    [dryRun.unknown, unknown.join(' ')],
    [dryRun.noAnswer, missingNodes.join(' ')],
    [dryRun.exit, String(exit)],
  ] as const;
  await (await context.printer()).record('yunque.dry-run/1', record, { shown, fields });
  context.exitCode = exit;
  noteMissing(context, plan);
  context.note(exit === exitCodes.nobody ? `${line.nobody}; ${dryRun.nothingDone}` : dryRun.nothingDone);
}

type Words = { readonly [Name in Step['do']]: (step: Extract<Step, { readonly do: Name }>) => string };

function wordsOf(step: Step, words: Words): string {
  return (words[step.do] as (step: Step) => string)(step);
}

/** `n1 2, n2 1`. */
function parts(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}
