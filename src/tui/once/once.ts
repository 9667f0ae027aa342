import { setTimeout as delay } from 'node:timers/promises';
import { ClientError } from '../../client/client-error.ts';
import { formatBytes, formatCount, formatMs, formatRate } from '../../util/figures.ts';
import { createColumns, type ViewColumns } from '../columns/columns.ts';
import { rowsOf } from '../columns/rows.ts';
import { formatShare } from '../draw/format.ts';
import { type Column, cellsOf, measureColumns, placeColumns, titlesOf } from '../draw/table.ts';
import { plainGlyphs } from '../draw/theme.ts';
import { verdictOf } from '../draw/verdict.ts';
import type { TopSource } from '../feed/feed.ts';
import { Poller } from '../feed/poller.ts';
import { checkRecording, readRecording } from '../feed/read-recording.ts';
import type { Record } from '../feed/recording.ts';
import { Replay } from '../feed/replay.ts';
import { type Snapshot, totalsOf } from '../feed/snapshot.ts';
import { listQueryOf } from '../state/list-query.ts';
import { eventQueryOf, tailQueryOf } from '../state/stream-query.ts';
import { initialState, type View, type ViewState } from '../state/view-state.ts';

export interface OnceOptions {
  readonly source: TopSource;
  /** Between samples. */
  readonly intervalMs: number;
  /** The last of these is the snapshot. Rates need two: with 1 there are none, and no waiting. */
  readonly samples: number;
  readonly view: View;
  readonly filter: string;
  readonly system?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bodies of messages without their values. */
  readonly redact?: boolean | undefined;
  /** Told everything that comes. */
  readonly record?: Record | undefined;
}

/** Rows of a list of the server; all of them are what `client ls` is for. */
const rowLimit = 100;

/** The source knows how long it waits (`--timeout`), and has words for it: `setTimeout`'s longest. */
const patienceMs = 2 ** 31 - 1;

/** The last of a recording, as a snapshot of the view. Rejects with `ClientError` where it is broken, or holds nothing of the view. */
export async function takeRecorded(file: string, view: Pick<OnceOptions, 'view' | 'filter'>): Promise<Snapshot> {
  const { endMs } = await checkRecording(file);
  const replay = new Replay({ lines: readRecording(file), endMs });
  const state = onceState(view);
  replay.watchList(listQueryOf(state, undefined, rowLimit));
  await replay.last();
  replay.watchEvents(eventQueryOf(state, undefined));
  replay.watchCopies(tailQueryOf(state, {}));
  refuseWithoutRows(replay.snapshot, view.view);
  return replay.snapshot;
}

/**
 * One snapshot without a screen. Rejects with the source's error where a sample is not answered, and with `ClientError`
 * where the list of the view is refused. A view of events or messages takes what comes within an interval.
 */
export async function takeSnapshot(options: OnceOptions): Promise<Snapshot> {
  const { source, samples, intervalMs, signal } = options;
  const poller = new Poller({ source, intervalMs, patienceMs, record: options.record });
  const state = onceState(options);
  const isStream = options.view === 'events' || options.view === 'messages';
  try {
    poller.watchEvents(eventQueryOf(state, options.system));
    poller.watchCopies(tailQueryOf(state, options));
    await opened(poller, signal);
    for (let taken = 1; taken <= samples; taken++) {
      if (taken > 1 || (isStream && samples === 1)) await delay(intervalMs, undefined, { signal });
      // Asked for with the last sample, in one question.
      if (taken === samples) poller.watchList(listQueryOf(state, options.system, rowLimit));
      const { link } = await poller.sample();
      if (link.state === 'failing') throw link.error;
    }
    refuseWithoutRows(poller.snapshot, options.view);
    return poller.snapshot;
  } finally {
    poller.close();
  }
}

/** Resolves once the streams that were asked for are there, or have failed. */
async function opened(poller: Poller, signal: AbortSignal | undefined): Promise<void> {
  const isConnecting = () => [poller.snapshot.events, poller.snapshot.copies].some(({ link }) => link === 'connecting');
  while (isConnecting()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = poller.subscribe(resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    unsubscribe();
    signal?.throwIfAborted();
  }
}

function refuseWithoutRows({ list, events, copies }: Snapshot, view: View): void {
  const stream = view === 'events' ? events : view === 'messages' ? copies : undefined;
  const error = stream?.entries.length === 0 ? stream.error : list?.page ? undefined : list?.error;
  if (error === undefined) return;
  const code = list?.code;
  throw new ClientError('refused', error, code === undefined ? {} : { body: { code, message: error } });
}

/** The snapshot as lines of text. `width`: of the terminal; undefined: nothing is cut. */
export function snapshotLines(
  snapshot: Snapshot,
  options: { readonly view: View; readonly filter: string; readonly width: number | undefined },
): readonly string[] {
  const state = onceState(options);
  const columns = textColumns();
  const table = tableLines<never>(
    columns[options.view] as readonly Column<never>[],
    rowsOf(options.view, snapshot, state, columns) as readonly never[],
    options.width,
  );
  return [...headLines(snapshot), '', ...table, ...moreLines(snapshot)];
}

/** The state of a screen that shows this view, for what makes its rows. */
export function onceState({ view, filter }: { readonly view: View; readonly filter: string }): ViewState {
  return initialState({ view, filter, intervalMs: 0, size: { columns: 200, rows: 60 } });
}

export function textColumns(): ViewColumns {
  return createColumns(plainGlyphs).rates;
}

function headLines(snapshot: Snapshot): readonly string[] {
  const totals = totalsOf(snapshot);
  const { word, reason } = verdictOf(snapshot);
  const { rates } = snapshot;
  return [
    [word, reason].filter(Boolean).join('  '),
    `nodes ${totals.nodes}/${totals.nodesExpected}  online ${formatCount(totals.connections)}  ` +
      `users ${formatCount(totals.users)}  groups ${formatCount(totals.groups)}  systems ${formatCount(totals.systems)}  ` +
      `pending ${formatCount(totals.pending)}  slow ${formatCount(totals.slowClients)}`,
    `in/s ${formatRate(rates?.in)}  out/s ${formatRate(rates?.out)}  drops/s ${formatRate(rates?.dropped)}  ` +
      `delivered ${formatShare(totals.deliveredShare)}`,
    `loop p99 ${formatMs(totals.lagP99Ms)}  memory ${formatBytes(totals.rss)}  queued ${formatBytes(totals.outboxBytes)}`,
  ];
}

function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): readonly string[] {
  // A line of the past, or a bar, needs a screen.
  const told = columns.filter((column) => column.isDrawn !== true);
  const placed = width === undefined ? measureColumns(told, rows) : placeColumns(told, width);
  const body = rows.map((row) => cellsOf(placed, row, rows).map(({ text }) => text));
  return [titlesOf(placed), ...body].map((cells) => cells.join(width === undefined ? '  ' : ' ').trimEnd());
}

function moreLines({ list }: Snapshot): readonly string[] {
  const page = list?.page;
  if (!page || page.items.length >= page.total) return [];
  return [
    `${formatCount(page.items.length)} of ${formatCount(page.total)} ${list.kind === 'connections' ? 'clients' : list.kind}`,
  ];
}
