import type { WriteStream } from 'node:tty';
import { type Command, Option } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { integerArg, intervalArg } from '../parsers.ts';

/** Those of `tui`, which is loaded only when it is needed. */
const views = ['nodes', 'clients', 'groups', 'systems', 'messages', 'slow', 'events', 'queues'] as const;
type View = (typeof views)[number];

interface TopFlags {
  /** Milliseconds. */
  readonly interval: number;
  readonly once?: true;
  readonly maxRefresh?: number;
  readonly view?: View;
  readonly filter?: string;
  readonly readonly?: true;
}

export function registerTop(program: Command, context: CliContext): void {
  const { summary, option } = context.text;
  const command = program
    .command('top')
    .description(summary.top)
    .addOption(new Option('--interval <duration>', option.topInterval).argParser(intervalArg).default(1000, '1s'))
    .addOption(new Option('--view <view>', option.topView).choices(views))
    .option('--filter <text>', option.topFilter)
    .option('--once', option.topOnce)
    .option('--readonly', option.topReadonly)
    .option('--max-refresh <n>', option.topMaxRefresh, integerArg(1))
    .action(async (flags: TopFlags) => {
      const { json, output } = context.globals;
      // A named format asks for data, and data has no use for a screen.
      const isScreen = context.stdout.isTTY === true && !flags.once && json !== true && output === undefined;
      const view = viewOf(context, flags);
      if (flags.readonly) await context.client({ role: 'read' });
      await (isScreen ? runScreen(context, { ...flags, view }) : printOnce(context, { ...flags, view }));
    });
  addExamples(command, context, [
    'top',
    "top --view clients --filter 'queueBytes>0'",
    'top --once',
    'top --json --max-refresh 1',
  ]);
}

/** What a node counts is of all its systems; of one system there are its clients. */
function viewOf({ globals: { system }, text: { line } }: CliContext, { view }: TopFlags): View {
  if (system !== undefined && view === 'nodes')
    throw new CliError(line.nodesOfSystem, { hint: 'leave out -S, or use --view clients' });
  return view ?? (system === undefined ? 'nodes' : 'clients');
}

type Chosen = TopFlags & Required<Pick<TopFlags, 'view'>>;

async function runScreen(context: CliContext, flags: Chosen): Promise<void> {
  const client = await context.client();
  const [{ runTop }, { hasColor, hasUnicode }, { createAdminSource }, { createAdminActions }] = await Promise.all([
    import('../../tui/run.ts'),
    import('../../tui/theme.ts'),
    import('../../tui/admin-source.ts'),
    import('../../tui/admin-actions.ts'),
  ]);
  const ending = await runTop({
    source: createAdminSource(client),
    actions: createAdminActions(client),
    isReadonly: flags.readonly === true,
    stdout: context.stdout as WriteStream,
    stdin: context.stdin,
    intervalMs: flags.interval,
    view: flags.view,
    filter: flags.filter ?? '',
    system: context.globals.system,
    maxRefresh: flags.maxRefresh,
    color: context.globals.color && hasColor(context.env),
    unicode: hasUnicode(context.env),
  });
  if (ending === 'interrupt') context.exitCode = exitCodes.interrupted;
}

/** Two samples, for the rates; `--max-refresh 1` takes one and answers at once. */
async function printOnce(context: CliContext, { maxRefresh = 2, view, filter = '', interval }: Chosen): Promise<void> {
  const [
    client,
    { createAdminSource },
    { snapshotLines, takeSnapshot },
    { nodeRecordFields, nodeRecords, snapshotRecord },
  ] = await Promise.all([
    context.client(),
    import('../../tui/admin-source.ts'),
    import('../../tui/once.ts'),
    import('../../tui/records.ts'),
  ]);
  const source = createAdminSource(client);
  const signal = context.interruptSignal();
  const system = context.globals.system;
  const options = { source, intervalMs: interval, samples: maxRefresh, view, filter, system, signal };
  const snapshot = await takeSnapshot(options).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (snapshot === undefined) {
    context.exitCode = exitCodes.interrupted;
    return;
  }
  const printer = await context.printer();
  if (printer.isJson) await printer.record('yunque.top/1', snapshotRecord(snapshot, { view, filter }));
  else if (printer.format === 'table') {
    const width = context.stdout.isTTY === true ? (context.stdout.columns ?? 80) : undefined;
    printer.raw(`${snapshotLines(snapshot, { view, filter, width }).join('\n')}\n`);
  } else if (view === 'nodes') {
    const fields = nodeRecordFields;
    const listing = { schema: 'yunque.top/1', rowSchema: 'yunque.top.node/1', columns: [], fields };
    await printer.list(listing, { items: nodeRecords(snapshot, filter) });
  } else {
    const { clientListing } = await import('../listings.ts');
    await printer.list(clientListing, {
      items: snapshot.list?.kind === 'connections' ? (snapshot.list.page?.items ?? []) : [],
    });
  }
}
