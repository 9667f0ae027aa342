import type { WriteStream } from 'node:tty';
import { type Command, Option } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { noteMissing } from '../missing-nodes.ts';
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
  readonly redact?: true;
  readonly record?: string;
  readonly replay?: string;
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
    .option('--redact', option.topRedact)
    .addOption(new Option('--record <file>', option.topRecord).conflicts('replay'))
    .option('--replay <file>', option.topReplay)
    .option('--max-refresh <n>', option.topMaxRefresh, integerArg(1))
    .action(async (given: TopFlags) => {
      const flags: TopFlags = context.globals.dryRun === true ? { ...given, readonly: true } : given;
      const { json, output } = context.globals;
      // A named format asks for data, and data has no use for a screen; a dumb terminal cannot have one.
      const isTerminal = context.stdout.isTTY === true && context.env['TERM'] !== 'dumb';
      const isScreen = isTerminal && !flags.once && json !== true && output === undefined;
      const view = viewOf(context, flags);
      if (flags.readonly && flags.replay === undefined) await context.client({ role: 'read' });
      await (isScreen ? runScreen(context, { ...flags, view }) : printOnce(context, { ...flags, view }));
    });
  addExamples(command, context, [
    'top',
    "top --view clients --filter 'queueBytes>0'",
    'top --once',
    'top --json --max-refresh 1',
    'top --view slow --readonly',
    'top --record monday.ndjson',
    'top --replay monday.ndjson',
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
  const [{ runTop, replayTop }, { hasColor, hasUnicode }, { createAdminActions, createFileActions }] =
    await Promise.all([
      import('../../tui/run.ts'),
      import('../../tui/draw/theme.ts'),
      import('../../tui/actions/admin-actions.ts'),
    ]);
  const screen = {
    stdout: context.stdout as WriteStream,
    stdin: context.stdin,
    intervalMs: flags.interval,
    view: flags.view,
    filter: flags.filter ?? '',
    system: context.globals.system,
    maxRefresh: flags.maxRefresh,
    redact: flags.redact,
    isReadonly: flags.readonly === true,
    color: context.globals.color && hasColor(context.env),
    unicode: hasUnicode(context.env),
  };
  const run = async () => {
    // Nothing that a recording shows can be acted on.
    if (flags.replay !== undefined)
      return await replayTop({ ...screen, file: flags.replay, actions: createFileActions() });
    const client = await context.client();
    const recorder = await openRecorder(flags);
    try {
      return await runTop({ ...screen, source: client, recorder, actions: createAdminActions(client) });
    } finally {
      await recorder?.close();
      noteLosses(context, recorder);
    }
  };
  if ((await run()) === 'interrupt') context.exitCode = exitCodes.interrupted;
}

/** Two samples, for the rates; `--max-refresh 1` takes one and answers at once. */
async function printOnce(context: CliContext, flags: Chosen): Promise<void> {
  const { view, filter = '' } = flags;
  const recorder = await openRecorder(flags);
  const snapshot = await takeOne(context, flags, recorder?.record).finally(() => recorder?.close());
  if (snapshot === undefined) {
    context.exitCode = exitCodes.interrupted;
    return;
  }
  const [{ snapshotLines }, { snapshotRecord }, { viewRecords }, printer] = await Promise.all([
    import('../../tui/once/once.ts'),
    import('../../tui/once/records.ts'),
    import('../../tui/once/view-records.ts'),
    context.printer(),
  ]);
  if (printer.isJson) await printer.record('yunque.top/1', snapshotRecord(snapshot, { view, filter }));
  else if (printer.format === 'table') {
    const width = context.stdout.isTTY === true ? context.stdout.columns || 80 : undefined;
    printer.raw(`${snapshotLines(snapshot, { view, filter, width }).join('\n')}\n`);
  } else {
    const { items, rowSchema, fields } = viewRecords(snapshot, view, filter);
    await printer.list(
      { schema: 'yunque.top/1', rowSchema, columns: [], fields: fields as readonly never[] },
      { items },
    );
  }
  noteMissing(context, snapshot.stats ?? {});
  noteLosses(context, recorder);
}

type RecorderOf = NonNullable<Awaited<ReturnType<typeof openRecorder>>>;

async function openRecorder({ record }: TopFlags) {
  if (record === undefined) return undefined;
  const { createRecorder } = await import('../../tui/feed/record.ts');
  return await createRecorder(record);
}

/** What was asked for is not all there: that must not pass for success. */
function noteLosses(context: CliContext, recorder: Pick<RecorderOf, 'failure' | 'skipped'> | undefined): void {
  const { line } = context.text;
  if (recorder?.failure !== undefined) context.note(line.recordingEnded(recorder.failure));
  else if (recorder?.skipped) context.note(line.recordingHasGaps(recorder.skipped));
  else return;
  context.exitCode = exitCodes.failed;
}

/** Undefined where Ctrl-C came first. */
async function takeOne(
  context: CliContext,
  { maxRefresh = 2, interval, ...flags }: Chosen,
  record: RecorderOf['record'] | undefined,
) {
  const { takeSnapshot, takeRecorded } = await import('../../tui/once/once.ts');
  if (flags.replay !== undefined)
    return await takeRecorded(flags.replay, { view: flags.view, filter: flags.filter ?? '' });
  const source = await context.client();
  const signal = context.interruptSignal();
  try {
    return await takeSnapshot({
      source,
      intervalMs: interval,
      samples: maxRefresh,
      view: flags.view,
      filter: flags.filter ?? '',
      system: context.globals.system,
      redact: flags.redact,
      record,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
}
